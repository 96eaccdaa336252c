"""Submits decided before Flask's dispatch: the same answers, as safe, as well told."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from batchwell.access_tokens import Scope
from batchwell.keys import root
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer
from webapp.access import known_tokens
from webapp.http.compression import LEAST_BYTES

PLAIN = {"Content-Type": "application/json"}
# Says nothing that changes the answer, but leads to the route.
SLOW = {**PLAIN, "Cache-Control": "no-store"}


def post(driver: Driver, text: str, name: str = "echo", **headers: str) -> TestResponse:
    path = f"{API}/computations/{name}/requests"
    return driver.client.post(path, data=text, headers=headers or PLAIN)


def heads(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name != "X-Request-ID"}


def test_accepted_submit_is_answered_as_by_its_route(driver: Driver) -> None:
    quick = post(driver, '{"params": {"n": 2}}')
    slow = post(driver, '{"params": {"n": 2}}', **SLOW)  # attaches to the same request
    assert (quick.status_code, quick.get_json()) == (202, slow.get_json())
    assert heads(quick) == heads(slow)
    assert driver.is_quick(lambda: post(driver, '{"params": {"n": 2}}'))
    assert not driver.is_quick(lambda: post(driver, '{"params": {"n": 2}}', **SLOW))
    assert driver.pending("echo") == 1


def test_fresh_value_is_answered_as_by_its_route(driver: Driver) -> None:
    driver.compute("echo", n=2)
    assert driver.is_quick(lambda: post(driver, '{"params": {"n": 2}}'))
    quick, slow = post(driver, '{"params": {"n": 2}}'), post(driver, '{"params": {"n": 2}}', **SLOW)
    assert quick.status_code == 200
    assert quick.get_json()["value"] == slow.get_json()["value"] == "xx"
    assert quick.headers["ETag"] == slow.headers["ETag"]
    assert heads(quick).keys() == heads(slow).keys()


def test_all_that_the_body_says_is_heard(driver: Driver) -> None:
    body = '{"params": {"n": 2}, "priority": "bulk", "max_age": 0, "expires_in": 0.05}'
    driver.compute("echo", n=2)
    request = post(driver, body).get_json()
    assert request["previous"]["value"] == "xx"
    time.sleep(0.06)
    assert driver.status(request["id"])["status"] == "expired"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 422),
        ("{}", 422),
        ('{"params": {"n": 2}, "more": 1}', 422),
        ('{"params": {"n": -1}}', 422),
        ('{"params": {"n": 2, "n": 3}}', 422),
        ('{"params": {"n": 2}, "webhook": "ftp://a.test"}', 422),
        ('{"params": {"n": ' + "9" * 5000 + "}}", 422),
    ],
)
def test_bad_body_is_refused_as_by_its_route(driver: Driver, text: str, status: int) -> None:
    quick, slow = post(driver, text), post(driver, text, **SLOW)
    assert (quick.status_code, quick.get_json()) == (slow.status_code, slow.get_json())
    assert (quick.status_code, heads(quick)) == (status, heads(slow))
    assert driver.pending("echo") == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Prefer", "wait=1"),
        ("Idempotency-Key", "a"),
        ("Content-Encoding", "gzip"),
        ("Content-Type", "text/plain"),
        ("Origin", "http://localhost"),
    ],
)
def test_whoever_says_more_is_heard_by_the_route(driver: Driver, name: str, value: str) -> None:
    headers = PLAIN | {name: value}
    assert not driver.is_quick(lambda: post(driver, '{"params": {"n": 2}}', **headers))


def test_browser_with_a_cookie_is_heard_by_the_route(driver: Driver) -> None:
    driver.client.set_cookie("a", "b")
    assert not driver.is_quick(lambda: post(driver, '{"params": {"n": 2}}'))


def test_full_queue_and_unknown_computation_are_told(driver: Driver) -> None:
    for text in ('{"params": {"n": 1}}', '{"params": {"n": 2}}'):
        assert post(driver, text, "narrow").status_code == 202
    answer = post(driver, '{"params": {"n": 3}}', "narrow")
    assert (answer.status_code, int(answer.headers["Retry-After"])) == (429, 1)
    assert post(driver, '{"params": {"n": 3}}', "nothing").status_code == 404


def test_what_nobody_expects_is_told_as_by_its_route(driver: Driver) -> None:
    driver.store.client.hset(f"{root(driver.store.namespace, 'echo')}:queue", "a", "b")
    quick, slow = post(driver, '{"params": {"n": 2}}'), post(driver, '{"params": {"n": 2}}', **SLOW)
    assert (quick.status_code, quick.get_json()) == (slow.status_code, slow.get_json())
    assert (quick.status_code, quick.mimetype) == (500, "application/problem+json")


def test_large_answer_may_be_compressed(driver: Driver) -> None:
    body = json.dumps({"params": {"n": 100, "text": "x" * (LEAST_BYTES // 50)}})
    post(driver, body)
    driver.drain("echo")
    answer = post(driver, body, **PLAIN, **{"Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "gzip")


def test_token_without_the_scope_is_refused(
    driver: Driver, grant: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_tokens, "KNOWN_SECONDS", 0.0)
    reader, writer = grant("reader"), grant("writer", Scope.SUBMIT)
    body = '{"params": {"n": 2}}'
    assert post(driver, body).status_code == 401
    driver.bear(reader)
    assert post(driver, body).status_code == 403
    driver.bear(writer)
    assert driver.is_quick(lambda: post(driver, body))
    assert driver.pending("echo") == 1


def test_quick_submits_are_counted_and_logged_alike(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    requests = [
        post(driver, '{"params": {"n": 2}}', **headers).get_json()["id"]
        for headers in (PLAIN, SLOW)
    ]
    lines: list[Any] = [one for one in caplog.records if one.name == "webapp.access"]
    assert [(line.route, line.status, line.requests) for line in lines] == [
        (f"{API}/computations/<name>/requests", 202, [request]) for request in requests
    ]
    counted = driver.get("/metrics").text
    assert 'batchwell_submits_total{computation="echo",outcome="created"} 1' in counted
    assert 'batchwell_submits_total{computation="echo",outcome="attached"} 1' in counted


def test_rate_limit_counts_each_submit(make_app: AppMaker, server: StoreServer) -> None:
    driver = Driver(make_app(server, BATCHWELL_RATE_LIMIT="5/minute"))
    answers = [post(driver, '{"params": {"n": 2}}').status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]


def test_store_that_is_away_is_told_soon(own_driver: Driver, own_server: StoreServer) -> None:
    own_server.kill()
    started = time.monotonic()
    assert post(own_driver, '{"params": {"n": 2}}').status_code == 503
    assert time.monotonic() - started < 4
