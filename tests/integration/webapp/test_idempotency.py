"""A submit that is sent again with its ``Idempotency-Key`` is the same submit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from batchwell.access_tokens import Scope
from tests.integration.webapp.driver import API, Driver


def send(driver: Driver, key: str, name: str = "echo", **body: Any) -> TestResponse:
    return driver.client.post(
        f"{API}/computations/{name}/requests",
        json={"params": {"n": 2}, **body},
        headers={"Idempotency-Key": key},
    )


def test_submit_sent_again_is_the_same_request(driver: Driver) -> None:
    first, second = send(driver, "k", max_age=0), send(driver, "k", max_age=0)
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.headers["Location"] == second.headers["Location"]


def test_submit_sent_again_after_its_end_has_its_value(driver: Driver) -> None:
    first = send(driver, "k", max_age=0)
    driver.drain("echo")
    second = send(driver, "k", max_age=0)
    assert (second.status_code, second.get_json()["value"]) == (200, "xx")
    assert second.get_json()["request"] == first.get_json()["id"]
    assert driver.pending("echo") == 0
    assert send(driver, "other", max_age=0).status_code == 202


def test_request_that_failed_stays_failed(driver: Driver) -> None:
    body = {"n": 0}
    first = send(driver, "k", "narrow", params=body)
    driver.drain("narrow")
    second = send(driver, "k", "narrow", params=body)
    assert (second.status_code, second.get_json()["status"]) == (202, "failed")
    assert second.get_json()["id"] == first.get_json()["id"]
    assert "Retry-After" not in second.headers, "there is nothing to come"


def test_submit_that_a_value_answered_is_answered_so_again(driver: Driver) -> None:
    driver.compute("echo", n=2)
    assert send(driver, "k").status_code == 200
    driver.make_stale("echo", n=2)
    again = send(driver, "k")
    assert (again.status_code, again.get_json()["state"]) == (200, "stale")
    assert driver.pending("echo") == 0


@pytest.mark.parametrize(
    "other",
    [
        {"params": {"n": 3}},
        {"priority": "bulk"},
        {"max_age": 1},
        {"expires_in": 1},
    ],
)
def test_other_body_under_the_same_key_is_refused(driver: Driver, other: dict[str, Any]) -> None:
    send(driver, "k")
    answer = send(driver, "k", **other)
    assert answer.status_code == 422
    assert answer.get_json()["type"] == "/problems/idempotency-key-reused"
    assert driver.pending("echo") == 1


def test_same_body_may_be_spelt_otherwise(driver: Driver) -> None:
    first = send(driver, "k", params={"n": 2, "text": "x"})
    second = driver.client.post(
        f"{API}/computations/echo/requests",
        data=' { "priority":"normal", "params": {"text":"\\u0078", "n":2}}',
        content_type="application/json",
        headers={"Idempotency-Key": '"k"'},
    )
    assert first.headers["Location"] == second.headers["Location"]


def test_key_is_of_one_computation(driver: Driver) -> None:
    assert send(driver, "k").status_code == 202
    assert send(driver, "k", "fibonacci").status_code == 202


def test_key_is_of_one_caller(driver: Driver, grant: Callable[..., str]) -> None:
    one, other = grant("one", Scope.SUBMIT), grant("other", Scope.SUBMIT)
    driver.bear(one)
    first = send(driver, "k")
    driver.bear(other)
    assert send(driver, "k", params={"n": 3}).status_code == 202, "another caller's key"
    driver.bear(one)
    assert send(driver, "k").headers["Location"] == first.headers["Location"]


@pytest.mark.parametrize(
    "key", ["", " ", '""', '"', '"a', 'a"b', "a b", "a,b", "k" * 256, "\u00e4", '"\\x"', '"k" ' * 2]
)
def test_malformed_key_is_refused_and_nothing_recorded(driver: Driver, key: str) -> None:
    answer = send(driver, key)
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["field"] == "Idempotency-Key"
    assert driver.pending("echo") == 0


@pytest.mark.parametrize("key", ["k" * 255, '"' + "k" * 255 + '"', '"a b \\" \\\\ c"', "8e03-#~!"])
def test_key_may_be_long_and_odd(driver: Driver, key: str) -> None:
    assert send(driver, key).status_code == 202


def test_key_is_not_kept_readable(driver: Driver) -> None:
    send(driver, "my-secret-order")
    names = driver.store.client.keys(f"{driver.store.namespace}:*:once:*")
    assert len(names) == 1
    assert b"my-secret-order" not in names[0]
