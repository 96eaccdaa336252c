"""A receiver of webhooks in a process of its own; the path of a URL says how it behaves."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from standardwebhooks.webhooks import Webhook

from tests.servers import free_port

SECRET = "whsec_" + "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
PATIENCE_SECONDS = 30.0
CHECKOUT = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it came."""

    at: float
    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str = SECRET) -> Any:
        """Return the payload; the reference implementation raises for a wrong signature."""
        return Webhook(secret).verify(self.body, self.headers)


class Receiver:
    """The process, as a test sees it: it can be stopped and started again on its port."""

    def __init__(self, folder: Path, certificate: Path | None = None) -> None:
        """With a ``certificate`` (and its key in the same file) it speaks TLS."""
        self.port = free_port()
        self._certificate = [str(certificate)] if certificate else []
        self._log = folder / f"received-{self.port}"
        self._log.touch()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(self.port), str(self._log), *self._certificate],
            cwd=CHECKOUT,
        )
        wait_until(self._listens)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def url(self, path: str = "/ok") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def messages(self) -> list[Message]:
        """Return what has come so far."""
        whole, _, _ = self._log.read_text().rpartition("\n")
        return [Message(**json.loads(line)) for line in whole.splitlines()]

    def wait_for(self, count: int) -> list[Message]:
        """Return the messages once so many have come."""
        wait_until(lambda: len(self.messages()) >= count)
        return self.messages()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def receiving(folder: Path, certificate: Path | None = None) -> Iterator[Receiver]:
    """Run a receiver for the length of the block."""
    receiver = Receiver(folder, certificate)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.kill()


def wait_until(holds: Callable[[], object], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come to be in time"
        time.sleep(0.02)


class Handler(BaseHTTPRequestHandler):
    """Knows ``/ok``, ``/status/<code>``, ``/slow/<seconds>``, ``/drop``, ``/drip``, ``/to``."""

    log: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        line = json.dumps({"at": time.time(), "path": self.path, "headers": headers, "body": body})
        with self.log.open("a") as file:
            file.write(f"{line}\n")
        behaviour, *words = self.path.strip("/").split("/")
        getattr(self, f"be_{behaviour}")(*map(unquote, words))

    def be_ok(self, *words: str) -> None:
        self.answer(204)

    def be_status(self, status: str, retry_after: str = "", *words: str) -> None:
        self.answer(int(status), {"Retry-After": retry_after} if retry_after else {})

    def be_slow(self, seconds: str) -> None:
        time.sleep(float(seconds))
        self.answer(204)

    def be_drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def be_drip(self) -> None:
        """Send the head a byte at a time, so that no single read waits for long."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            self.wfile.write(b"x")
            time.sleep(0.5)

    def be_to(self, *words: str) -> None:
        """Redirect to where a message would be taken."""
        self.answer(307, {"Location": f"http://127.0.0.1:{self.server.server_port}/ok"})  # type: ignore[attr-defined]  # an HTTPServer has one

    def answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that has hung up is what some tests are about."""


def main() -> None:
    port, log, *certificate = sys.argv[1:]
    Handler.log = Path(log)
    server = Server(("127.0.0.1", int(port)), Handler)
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate[0])
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    server.serve_forever()


if __name__ == "__main__":
    main()
