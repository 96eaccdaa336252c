"""Waits and streams as gunicorn serves them: places come back, nothing holds anything up."""

from __future__ import annotations

import json
import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.integration.running import running_web
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer

PLACES = 3


@pytest.fixture
def env(server: StoreServer, namespace: str, dags_folder: Path, tmp_path: Path) -> dict[str, str]:
    return os.environ | {
        "BATCHWELL_HOME": str(tmp_path / "home"),
        "BATCHWELL_REDIS_URL": server.url,
        "BATCHWELL_NAMESPACE": namespace,
        "BATCHWELL_DAGS_FOLDER": str(dags_folder),
        "BATCHWELL_WAITERS": str(PLACES),
    }


@pytest.fixture
def url(env: dict[str, str]) -> Iterator[str]:
    with running_web(env) as url:
        yield url


@pytest.fixture
def request_id(driver: Driver) -> str:
    """A request that waits, on the store of the served app too."""
    request_id: str = driver.submit("echo", {"n": 3}).get_json()["id"]
    return request_id


@contextmanager
def asking(url: str, path: str, **headers: str) -> Iterator[HTTPConnection]:
    """Send a request on a connection of its own."""
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=20)) as connection:
        connection.request("GET", path, headers=headers)
        yield connection


@contextmanager
def streaming(url: str, request_id: str) -> Iterator[HTTPResponse]:
    """Open a stream, once there is a place, and read its first event."""
    deadline = time.monotonic() + 15
    while True:
        with (
            asking(url, f"{API}/requests/{request_id}/events") as connection,
            connection.getresponse() as answer,
        ):
            if answer.status == 200:
                assert any(line.startswith(b"data: ") for line in iter(answer.readline, b""))
                yield answer
                return
        assert time.monotonic() < deadline, "no place came back"
        time.sleep(0.1)


def status_of_next(url: str, request_id: str) -> int:
    with (
        asking(url, f"{API}/requests/{request_id}/events") as connection,
        connection.getresponse() as answer,
    ):
        return answer.status


def until_waiting(url: str, count: int) -> None:
    """Wait until so many wait for a status; asking for events would take a place itself."""
    deadline = time.monotonic() + 15
    while True:
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        if f'batchwell_open_answers{{kind="wait"}} {count}.0' in lines:
            return
        assert time.monotonic() < deadline, "they do not wait"
        time.sleep(0.1)


def test_places_of_clients_that_hang_up_come_back_soon(url: str, request_id: str) -> None:
    for _ in range(3):
        with ExitStack() as streams:
            for _ in range(PLACES):
                streams.enter_context(streaming(url, request_id))
            assert status_of_next(url, request_id) == 503


def test_wait_of_a_client_that_hangs_up_gives_its_place_back(url: str, request_id: str) -> None:
    with ExitStack() as waits:
        for _ in range(PLACES):
            waits.enter_context(asking(url, f"{API}/requests/{request_id}", Prefer="wait=60"))
        until_waiting(url, PLACES)
        assert status_of_next(url, request_id) == 503
    with streaming(url, request_id):
        pass


def test_others_are_served_while_all_places_are_taken(url: str, request_id: str) -> None:
    with ExitStack() as streams:
        for _ in range(PLACES):
            streams.enter_context(streaming(url, request_id))
        for _ in range(20):
            with urllib.request.urlopen(f"{url}{API}/requests/{request_id}", timeout=10) as answer:
                assert json.load(answer)["status"] == "pending"


def test_end_reaches_all_who_wait(url: str, request_id: str, driver: Driver) -> None:
    path = f"{API}/requests/{request_id}"
    with (
        streaming(url, request_id) as stream,
        asking(url, path, Prefer="wait=60") as one,
        asking(url, path, Prefer="wait=60") as other,
    ):
        until_waiting(url, 2)
        driver.drain("echo")
        for wait in (one, other):
            with wait.getresponse() as answer:
                assert answer.headers["Preference-Applied"] == "wait=60"
                assert json.load(answer)["status"] == "succeeded"
        assert b"event: end" in stream.read()


def test_open_streams_and_waits_hold_no_stop_up(env: dict[str, str], request_id: str) -> None:
    path = f"{API}/requests/{request_id}"
    with ExitStack() as open_until_the_end:
        with running_web(env) as url:
            streams = [
                open_until_the_end.enter_context(streaming(url, request_id))
                for _ in range(PLACES - 1)
            ]
            wait = open_until_the_end.enter_context(asking(url, path, Prefer="wait=60"))
            until_waiting(url, 1)
            started = time.monotonic()
        assert time.monotonic() - started < 10, "gunicorn itself waits up to 30 seconds"
        with wait.getresponse() as answer:
            assert json.load(answer)["status"] == "pending"
        for stream in streams:
            assert b"event: end" not in stream.read()


def test_client_that_does_not_close_its_connection_holds_nobody_up(url: str) -> None:
    address = urlsplit(url)
    sent = f"GET /healthz HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n"
    with ExitStack() as lingering:
        started = time.monotonic()
        for connection in [
            lingering.enter_context(socket.create_connection((address.hostname, address.port), 30))
            for _ in range(8)
        ]:
            connection.sendall(sent.encode())
            with connection.makefile("rb") as answer:
                assert b"alive" in answer.read()
        assert time.monotonic() - started < 8, "each of them would take 2 seconds"
