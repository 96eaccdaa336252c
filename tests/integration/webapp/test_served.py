"""The app as gunicorn serves it, the way `scripts/up` starts it: on the wire."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from batchwell.local.services import common_environment, web_service
from batchwell.settings import Settings
from tests.integration.webapp.driver import API
from tests.servers import StoreServer, free_port

SUBMIT = f"{API}/computations/echo/requests"


@pytest.fixture
def port(server: StoreServer, namespace: str, dags_folder: Path, tmp_path: Path) -> Iterator[int]:
    """The port of a web app that serves."""
    settings = Settings.from_env(
        {
            "BATCHWELL_HOME": str(tmp_path),
            "BATCHWELL_REDIS_URL": server.url,
            "BATCHWELL_NAMESPACE": namespace,
            "BATCHWELL_PORT": str(free_port()),
            "BATCHWELL_DAGS_FOLDER": str(dags_folder),
        }
    )
    service = web_service(settings, common_environment(os.environ, settings))
    process = subprocess.Popen(service.command, env=service.env, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not _listens(settings.port):
        assert time.monotonic() < deadline, "gunicorn does not start"
        time.sleep(0.05)
    yield settings.port
    process.terminate()
    process.wait(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def exchange(port: int, sent: bytes) -> HTTPResponse:
    """Send these very bytes; return the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(sent)
        answer = HTTPResponse(connection)
        answer.begin()
        answer.body = answer.read()  # type: ignore[attr-defined]  # kept beyond the connection
        return answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Name: 1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: odd\r\n\r\n", 501),
    ],
)
def test_what_gunicorn_refuses_is_a_problem_too(port: int, sent: bytes, status: int) -> None:
    answer = exchange(port, sent)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = json.loads(answer.body)  # type: ignore[attr-defined]  # set by exchange
    assert document["status"] == status
    assert document["detail"]


@pytest.mark.parametrize("chunk", [b"zz\r\nabc\r\n", b"3\r\nabcdef\r\n"])
def test_body_that_is_cut_wrongly_is_a_bad_request(port: int, chunk: bytes) -> None:
    head = f"POST {SUBMIT} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    answer = exchange(port, head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_calls_are_answered_on_the_wire(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)

    def call(method: str, path: str, body: str | None = None, **headers: str) -> HTTPResponse:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer

    json_type = {"Content-Type": "application/json"}
    submitted = call("POST", SUBMIT, '{"params":{"n":1}}', **json_type)
    assert submitted.status == 202
    location = submitted.headers["Location"]
    tag = call("GET", location).headers["ETag"]
    assert call("GET", location, **{"If-None-Match": tag}).status == 304
    head = call("HEAD", location)
    assert (head.status, head.headers["ETag"]) == (200, tag)
    assert int(head.headers["Content-Length"]) > 0
    for path, size in ((SUBMIT, 600_000), (f"{SUBMIT}/bulk", 20_000_000)):
        assert call("POST", path, " " * size, **json_type).status == 413
    assert call("POST", SUBMIT, "{}", **json_type, **{"Content-Encoding": "gzip"}).status == 415
    assert call("GET", f"{API}/computations").headers["Content-Type"] == "application/json"
    connection.close()
