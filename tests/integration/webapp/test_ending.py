"""Cancel a request, let one expire, look at dead letters, replay one."""

from __future__ import annotations

import pytest

from batchwell import keys
from batchwell.identifiers import split_request_id
from tests.integration.webapp.driver import API, Driver


def fail_narrow(driver: Driver, n: int = 0) -> str:
    """Have a request fail, which is a dead letter then."""
    answer = driver.submit("narrow", {"n": n})
    driver.drain("narrow")
    request_id = answer.get_json()["id"]
    assert driver.status(request_id)["status"] == "failed"
    return str(request_id)


def test_waiting_request_is_cancelled(driver: Driver) -> None:
    location = driver.submit("echo", {"n": 1}).headers["Location"]
    answer = driver.client.delete(location)
    assert (answer.status_code, answer.get_json()["status"]) == (200, "cancelled")
    assert driver.pending("echo") == 0
    assert driver.client.delete(location).status_code == 200, "twice does no harm"


def test_ended_request_is_not_cancelled(driver: Driver) -> None:
    location = driver.submit("echo", {"n": 1}).headers["Location"]
    driver.drain("echo")
    answer = driver.client.delete(location)
    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/already-ended")
    assert driver.get(location).get_json()["status"] == "succeeded"


def test_request_expires_after_the_seconds_it_was_given(driver: Driver) -> None:
    request_id = driver.submit("echo", {"n": 1}, expires_in=60).get_json()["id"]
    assert driver.status(request_id)["status"] == "pending"
    _, token = split_request_id(request_id)
    deadlines = f"{keys.root(driver.store.namespace, 'echo')}:deadlines"
    driver.store.client.zadd(deadlines, {token: 1})
    assert driver.status(request_id)["status"] == "expired"


@pytest.mark.parametrize("expires_in", [0, -1, "soon", True])
def test_bad_expiry_is_refused_by_name(driver: Driver, expires_in: object) -> None:
    answer = driver.submit("echo", {"n": 1}, expires_in=expires_in)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"].startswith("expires_in")
    assert driver.pending("echo") == 0


def test_dead_letters_are_listed_with_their_story(driver: Driver) -> None:
    assert driver.get(f"{API}/computations/narrow/failures").get_json() == {
        "failures": [],
        "total": 0,
        "next": None,
    }
    request_id = fail_narrow(driver)
    listed = driver.get(f"{API}/computations/narrow/failures").get_json()
    (letter,) = listed["failures"]
    assert (listed["total"], letter["id"]) == (1, request_id)
    assert "return 1 // n" in letter["error"].pop("traceback")
    assert letter["error"] == {
        "kind": "user",
        "type": "ZeroDivisionError",
        "message": "integer division or modulo by zero",
    }
    assert [error["attempt"] for error in letter["story"]] == [1]


def test_dead_letter_is_replayed_as_a_new_request(driver: Driver) -> None:
    dead = fail_narrow(driver)
    answer = driver.client.post(f"{API}/requests/{dead}/retry")
    assert answer.status_code == 202
    replayed = answer.get_json()
    assert answer.headers["Location"] == f"{API}/requests/{replayed['id']}"
    assert (replayed["status"], replayed["params"]) == ("pending", {"n": 0})
    assert driver.status(dead)["retried_by"] == replayed["id"]
    assert driver.get(f"{API}/computations/narrow/failures").get_json()["total"] == 0


def test_request_that_has_a_value_is_not_replayed(driver: Driver) -> None:
    request_id = driver.submit("echo", {"n": 1}).get_json()["id"]
    driver.drain("echo")
    answer = driver.client.post(f"{API}/requests/{request_id}/retry")
    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/not-replayable")


@pytest.mark.parametrize("request_id", [f"echo-{'a' * 16}", f"nothing-{'a' * 16}", "x"])
def test_unknown_request_is_neither_cancelled_nor_replayed(driver: Driver, request_id: str) -> None:
    assert driver.client.delete(f"{API}/requests/{request_id}").status_code == 404
    assert driver.client.post(f"{API}/requests/{request_id}/retry").status_code == 404
