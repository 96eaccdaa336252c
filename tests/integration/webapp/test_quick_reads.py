"""What is answered again before Flask's dispatch: the same, as quick, as safe, as up to date."""

from __future__ import annotations

import gzip
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from batchwell.store import Origin, Store
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer
from webapp.access import known_tokens
from webapp.http.compression import LEAST_BYTES

AGING = ("Age", "Cache-Control", "Content-Length", "X-Request-ID")


def read(driver: Driver, query: str = "n=2", **headers: str) -> TestResponse:
    return driver.get(f"{API}/computations/echo/result?{query}", **headers)


@pytest.fixture
def known(driver: Driver) -> Driver:
    """Have a value that the app would answer with again."""
    driver.compute("echo", n=2)
    assert read(driver).status_code == 200
    return driver


def test_answer_is_the_same_but_for_its_age(driver: Driver) -> None:
    driver.compute("echo", n=2)
    first = read(driver)
    time.sleep(1.1)
    second = read(driver)
    assert driver.is_quick(lambda: read(driver))
    before, after = first.get_json(), second.get_json()
    assert before["age_seconds"] + 1 < after.pop("age_seconds") < before.pop("age_seconds") + 20
    assert before == after
    assert list(before) == list(after)

    def kept(answer: TestResponse) -> dict[str, str]:
        return {name: value for name, value in answer.headers if name not in AGING}

    assert kept(first) == kept(second)
    assert int(second.headers["Age"]) == int(first.headers["Age"]) + 1
    assert int(second.headers["Content-Length"]) == len(second.data)
    assert second.headers["Cache-Control"].startswith(f"max-age={int(second.headers['Age']) + 10},")
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_value_and_age_are_not_taken_for_each_other(driver: Driver) -> None:
    driver.submit("echo", {"n": 2})
    echo, store = driver.computation("echo"), driver.store
    batch = store.claim(echo, "me", count=1, lease_seconds=9, origin=Origin())
    value = {"a": 1, "age_seconds": 7, "text": ',"age_seconds":8'}
    found = [(batch.claims[0], json.dumps(value), 0.1)]
    store.complete(echo, found, generation=batch.generation, batch_size=1, origin=Origin())
    read(driver)
    assert driver.is_quick(lambda: read(driver))
    assert read(driver).get_json()["value"] == value
    assert read(driver).get_json()["age_seconds"] < 7


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Cache-Control", "max-age=3600"),
        ("Prefer", "wait=1"),
        ("If-None-Match", "*"),
        ("Origin", "http://localhost"),
        ("Sec-Fetch-Site", "same-origin"),
    ],
)
def test_whoever_says_more_is_heard_by_the_route(known: Driver, name: str, value: str) -> None:
    assert not known.is_quick(lambda: read(known, **{name: value}))
    assert known.is_quick(lambda: read(known))


def test_only_reads_of_a_value_are_quick(known: Driver) -> None:
    path = f"{API}/computations/echo/result?n=2"
    assert not known.is_quick(lambda: known.client.head(path))
    assert known.client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/", f"{API}/computations", f"{API}/computations/echo/latest"])
def test_all_else_is_answered_by_its_route(known: Driver, path: str) -> None:
    known.get(path)
    assert not known.is_quick(lambda: known.get(path))


def test_browser_with_a_cookie_is_heard_by_the_route(known: Driver) -> None:
    known.client.set_cookie("a", "b")
    assert not known.is_quick(lambda: read(known))


def large(driver: Driver, text: str) -> str:
    """Compute a large value; return its query."""
    driver.submit("echo", {"n": 100, "text": text})
    driver.drain("echo")
    return f"n=100&text={text}"


@pytest.mark.parametrize("first", ["gzip", "identity"])
def test_large_answer_is_compressed_for_those_who_accept_it(driver: Driver, first: str) -> None:
    query = large(driver, "abcdef" * (LEAST_BYTES // 500))
    by_route = read(driver, query, **{"Accept-Encoding": first})
    assert driver.is_quick(lambda: read(driver, query, **{"Accept-Encoding": "gzip"}))
    packed = read(driver, query, **{"Accept-Encoding": "gzip, br"})
    plain = read(driver, query, **{"Accept-Encoding": "gzip;q=0"})
    assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == (
        "gzip",
        "Accept-Encoding",
    )
    assert (plain.headers.get("Content-Encoding"), plain.headers["Vary"]) == (
        None,
        "Accept-Encoding",
    )
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    told = [json.loads(text) for text in (gzip.decompress(packed.data), plain.data)]
    told.append(
        json.loads(by_route.data if first == "identity" else gzip.decompress(by_route.data))
    )
    assert all(each.pop("age_seconds") >= 0 for each in told)
    assert told[0] == told[1] == told[2]
    assert len({each.headers["ETag"] for each in (packed, plain, by_route)}) == 1


def test_answer_that_is_too_large_to_be_held_is_left_to_the_route(driver: Driver) -> None:
    query = large(driver, "x" * 300)
    assert not driver.is_quick(lambda: read(driver, query))


def test_change_is_seen_at_once(known: Driver) -> None:
    assert known.is_quick(lambda: read(known))
    request = known.submit("echo", {"n": 2}, max_age=0).get_json()["id"]
    assert read(known).get_json()["refreshed_by"] == request
    known.drain("echo")
    assert read(known).get_json()["request"] == request
    assert known.is_quick(lambda: read(known))
    known.store.invalidate(known.computation("echo"))
    assert read(known).get_json()["state"] == "stale"


def test_quick_answers_are_counted_and_logged_alike(
    make_app: AppMaker, server: StoreServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    driver = Driver(make_app(server, BATCHWELL_ACCESS_LOG="all"))
    driver.compute("echo", n=2)
    caplog.clear()
    assert [driver.is_quick(lambda: read(driver)) for _ in range(3)] == [False, True, True]
    lines: list[Any] = [one for one in caplog.records if one.name == "webapp.access"]
    assert [(line.route, line.status, line.computation) for line in lines] == [
        (f"{API}/computations/<name>/result", 200, "echo")
    ] * 3
    counted = [line for line in driver.get("/metrics").text.splitlines() if "_count{" in line]
    (line,) = [one for one in counted if "<name>/result" in one]
    assert float(line.split()[-1]) == 3


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"HTTP_HOST": "elsewhere.test"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    ],
)
def test_open_app_answers_nobody_else(known: Driver, environ: dict[str, str]) -> None:
    answer = known.client.get(f"{API}/computations/echo/result?n=2", environ_overrides=environ)
    assert answer.status_code == 403


def test_token_is_asked_for_each_time(
    known: Driver, grant: Callable[..., str], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_tokens, "KNOWN_SECONDS", 0.0)
    grant("other")
    secret = grant("reader")
    assert read(known).status_code == 401
    bearer = {"Authorization": f"Bearer {secret}"}
    first = read(known, **bearer)
    assert first.status_code == 200
    assert known.is_quick(lambda: read(known, **bearer))
    assert first.headers["Cache-Control"].startswith("private, ")
    assert read(known).status_code == 401
    assert read(known, Authorization="Bearer wrong").status_code == 401
    store.revoke("reader")
    assert read(known, **bearer).status_code == 401


def test_answer_of_an_open_app_is_private_once_there_are_tokens(
    known: Driver, grant: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_tokens, "KNOWN_SECONDS", 0.0)
    assert read(known).headers["Cache-Control"].startswith("max-age=")
    bearer = {"Authorization": f"Bearer {grant('reader')}"}
    assert known.is_quick(lambda: read(known, **bearer))
    answer = read(known, **bearer)
    assert answer.headers["Cache-Control"].startswith("private, max-age=")


def test_rate_limit_counts_each_call(make_app: AppMaker, server: StoreServer) -> None:
    driver = Driver(make_app(server, BATCHWELL_RATE_LIMIT="5/minute"))
    driver.compute("echo", n=2)
    assert [read(driver).status_code for _ in range(6)][-1] == 429


def test_store_that_is_away_is_told(own_driver: Driver, own_server: StoreServer) -> None:
    own_driver.compute("echo", n=2)
    read(own_driver)
    assert own_driver.is_quick(lambda: read(own_driver))
    own_server.kill()
    assert read(own_driver).status_code == 503
