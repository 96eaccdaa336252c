"""The worker of gunicorn on the wire: what it promises to clients, slow ones and hasty ones."""

from __future__ import annotations

import http.client
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import pytest

from tests.integration.running import BIN, process
from tests.integration.serving.certificate import write_certificate
from tests.integration.serving.sample_app import LARGE
from tests.servers import free_port

CHECKOUT = Path(__file__).parents[3]
GET = b"GET /%b HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Served:
    """A running server, and clients of it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port = port
        self.process = process

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def send(self, sent: bytes) -> socket.socket:
        connection = self.connect()
        connection.sendall(sent)
        return connection

    def get(self, path: str = "", seconds: float = 20) -> bytes:
        """Return what is answered to a request on a connection of its own."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        with closing(client):
            client.request("GET", f"/{path}")
            return client.getresponse().read()

    def answers_soon(self) -> bool:
        return all(self.get("soon", seconds=10) == b"/soon" for _ in range(5))


@contextmanager
def running(*options: str) -> Iterator[Served]:
    port = free_port()
    command = [str(BIN / "gunicorn"), "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "serving.worker.Worker", "--chdir", str(CHECKOUT), *options]
    with process([*command, "tests.integration.serving.sample_app:app"], {}) as started:
        served = Served(port, started)
        deadline = time.monotonic() + 20
        while True:
            try:
                served.connect().close()
                break
            except OSError:
                assert time.monotonic() < deadline, "gunicorn does not start"
                time.sleep(0.05)
        yield served


@pytest.fixture(scope="module")
def one() -> Iterator[Served]:
    """A server that may have one thread at work."""
    with running("--threads", "1", "--keep-alive", "2") as served:
        yield served


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


SLOW_BODY = b"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"

SLOW: dict[str, Callable[[Served], socket.socket]] = {
    "says nothing": lambda served: served.connect(),
    "has begun a head": lambda served: served.send(b"GET / HTTP/1.1\r\nHo"),
    "has begun a body": lambda served: served.send(SLOW_BODY),
    "reads no answer": lambda served: served.send(GET % b"large"),
}


@pytest.mark.parametrize("slow", SLOW)
def test_slow_clients_hold_nobody_up(one: Served, slow: str) -> None:
    with ExitStack() as open_meanwhile:
        for _ in range(20):
            open_meanwhile.enter_context(SLOW[slow](one))
        time.sleep(0.1)
        assert one.answers_soon()


def test_what_slow_clients_send_and_take_is_whole(one: Served) -> None:
    with SLOW["has begun a body"](one) as connection:
        time.sleep(0.1)
        connection.sendall(b" rest")
        assert connection.recv(1000).endswith(b"half rest")
    with SLOW["reads no answer"](one) as connection:
        time.sleep(0.1)
        with connection.makefile("rb") as file:
            while file.readline() != b"\r\n":
                pass
            assert len(file.read(LARGE)) == LARGE
            # On this connection there is a next request.
            connection.sendall(GET % b"next")
            assert file.readline() == b"HTTP/1.1 200 OK\r\n"


def test_head_that_comes_in_pieces_is_read(one: Served) -> None:
    with one.connect() as connection:
        for byte in GET % b"slowly":
            connection.send(bytes([byte]))
            time.sleep(0.001)
        assert connection.recv(1000).endswith(b"/slowly")


def test_head_that_does_not_become_whole_is_refused(one: Served) -> None:
    with SLOW["has begun a head"](one) as connection:
        assert read_all(connection).startswith(b"HTTP/1.1 408 ")


def test_client_that_says_nothing_is_let_go(one: Served) -> None:
    with one.connect() as connection:
        assert read_all(connection) == b""


def test_connection_is_kept_for_the_next_request_and_not_for_ever(one: Served) -> None:
    with one.send(GET % b"first") as connection:
        assert connection.recv(1000).endswith(b"/first")
        connection.sendall(GET % b"second")
        assert connection.recv(1000).endswith(b"/second")
        started = time.monotonic()
        assert read_all(connection) == b""
        assert 1.5 < time.monotonic() - started < 5


def test_requests_that_come_together_are_answered_in_order(one: Served) -> None:
    count = 300
    sent = b"".join(GET % f"n{n}".encode() for n in range(count))
    with one.send(sent) as connection, connection.makefile("rb") as file:
        for n in range(count):
            while file.readline() != b"\r\n":
                pass
            wanted = f"/n{n}".encode()
            assert file.read(len(wanted)) == wanted


def test_head_and_body_of_a_small_answer_come_together(one: Served) -> None:
    with one.send(GET % b"small") as connection:
        answer = connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n/small")


def test_answer_in_pieces_is_chunked(one: Served) -> None:
    assert one.get("pieces") == b"onetwo"
    with one.send(GET % b"pieces") as connection:
        time.sleep(0.1)
        assert connection.recv(1000).endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def test_error_of_the_app_is_a_500(one: Served) -> None:
    with one.send(GET % b"breaks") as connection:
        assert read_all(connection).startswith(b"HTTP/1.1 500 ")


def test_answer_that_breaks_off_does_not_look_whole(one: Served) -> None:
    with pytest.raises(http.client.IncompleteRead):
        one.get("breaks-late")


def test_client_is_told_to_continue(one: Served) -> None:
    head = b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    with one.send(head) as connection:
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert connection.recv(1000).endswith(b"\r\n\r\nabc")


def test_body_that_the_app_leaves_is_not_the_next_request(one: Served) -> None:
    inner = GET % b"smuggled"
    head = b"POST /left HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(inner)
    with one.send(head) as connection:
        time.sleep(0.1)
        connection.sendall(inner + GET % b"next")
        with connection.makefile("rb") as file:
            for wanted in (b"/left", b"/next"):
                while file.readline() != b"\r\n":
                    pass
                assert file.read(len(wanted)) == wanted


def test_first_request_of_a_connection_holds_up_no_other_connection() -> None:
    with running("--threads", "2") as served, ExitStack() as stack:
        slow = [stack.enter_context(served.connect()) for _ in range(3)]
        for connection in slow:  # at once, so that they may be taken together
            connection.sendall(SLOW_BODY)
        assert served.answers_soon()


def test_thread_that_is_held_up_is_relieved() -> None:
    with running("--threads", "2") as served, served.send(GET % b"sleeps") as connection:
        assert served.get("soon", seconds=2) == b"/soon"
        assert connection.recv(1000).endswith(b"/sleeps")


def test_no_more_connections_are_taken_than_may_be() -> None:
    with running("--threads", "1", "--worker-connections", "3", "--keep-alive", "60") as served:
        with ExitStack() as held:
            for _ in range(3):
                held.enter_context(served.connect())
            time.sleep(0.1)
            with pytest.raises(TimeoutError):
                served.get(seconds=0.3)
        assert served.answers_soon()


def test_worker_that_has_served_enough_is_replaced_and_no_request_lost() -> None:
    with running("--threads", "2", "--max-requests", "5") as served:
        assert len({served.get("pid") for _ in range(20)}) >= 3


def test_what_has_begun_is_answered_before_the_end() -> None:
    with running("--threads", "2") as served, ExitStack() as stack:
        kept = stack.enter_context(served.send(GET % b"kept"))
        assert kept.recv(1000).endswith(b"/kept")
        slow = stack.enter_context(served.send(GET % b"sleeps"))
        time.sleep(0.3)
        served.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        kept.sendall(GET % b"last")
        answer = read_all(kept)
        assert b"Connection: close" in answer
        assert answer.endswith(b"/last")
        assert read_all(slow).endswith(b"/sleeps")
        assert served.process.wait(10) == 0


def test_end_does_not_wait_longer_than_it_may() -> None:
    with (
        running("--threads", "1", "--graceful-timeout", "1") as served,
        SLOW["has begun a body"](served),
    ):
        time.sleep(0.3)
        started = time.monotonic()
        served.process.terminate()
        served.process.wait(10)
        assert time.monotonic() - started < 5


def test_crowd_of_clients_is_served_without_loss() -> None:
    wrong: list[bytes] = []

    def ask(served: Served) -> None:
        with closing(HTTPConnection("127.0.0.1", served.port, timeout=20)) as client:
            for n in range(200):
                headers = {"Connection": "close"} if n % 7 == 0 else {}
                client.request("GET", f"/{n}", headers=headers)
                if (body := client.getresponse().read()) != f"/{n}".encode():
                    wrong.append(body)

    with running("--threads", "4", "--workers", "2") as served:
        clients = [threading.Thread(target=ask, args=[served]) for _ in range(16)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    assert not wrong


def test_tls_is_served_too(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path)
    context = ssl.create_default_context(cafile=str(certificate))
    with running("--certfile", str(certificate), "--keyfile", str(key)) as served:
        client = HTTPSConnection("localhost", served.port, context=context, timeout=20)
        with closing(client):
            for method, path, body in (("GET", "/a", None), ("POST", "/echo", b"x" * 100_000)):
                for _ in range(2):
                    client.request(method, path, body)
                    assert client.getresponse().read() == (body or path.encode())
        with served.send(b"GET / HTTP/1.1\r\n\r\n") as plain:
            read_all(plain)
        client.request("GET", "/after")
        assert client.getresponse().read() == b"/after"
        client.close()
