"""What a reader will put up with: age, and waiting; invalidation; errors beside the value."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from batchwell import follower
from batchwell.access_tokens import Scope
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer


def test_fresh_value_is_served_and_nothing_asked(driver: Driver) -> None:
    driver.compute("echo", n=2)
    result = driver.read("echo", "n=2").get_json()
    assert (result["state"], result["refreshing"], result["last_error"]) == ("fresh", False, None)
    assert driver.pending("echo") == 0


@pytest.mark.parametrize("control", ["no-cache", "max-age=0", "no-store, max-age=0"])
def test_reader_may_find_any_age_too_old(driver: Driver, control: str) -> None:
    driver.compute("echo", n=2)
    answer = driver.get(f"{API}/computations/echo/result?n=2", **{"Cache-Control": control})
    result = answer.get_json()
    assert (answer.status_code, result["value"]) == (200, "xx")
    assert (result["state"], result["refreshing"]) == ("fresh", True)
    assert driver.pending("echo") == 1


@pytest.mark.parametrize("control", ["no-cache", "max-age=0"])
def test_fresh_value_is_recomputed_only_for_who_may_submit(
    driver: Driver, grant: Callable[..., str], control: str
) -> None:
    echo = driver.computation("echo")
    driver.store.submit(echo, [echo.parse({"n": n}) for n in (2, 3)])
    driver.drain("echo")
    driver.make_stale("echo", n=3)
    reader, asker = grant("reader"), grant("asker", Scope.SUBMIT)

    def is_refreshing(secret: str, query: str) -> bool:
        headers = {"Cache-Control": control, "Authorization": f"Bearer {secret}"}
        answer = driver.get(f"{API}/computations/echo/result?{query}", **headers)
        assert answer.status_code == 200
        return bool(answer.get_json()["refreshing"])

    assert not is_refreshing(reader, "n=2")
    assert driver.pending("echo") == 0
    assert is_refreshing(reader, "n=3")
    assert is_refreshing(asker, "n=2")
    assert driver.pending("echo") == 2


def test_value_younger_than_the_readers_limit_will_do(driver: Driver) -> None:
    driver.compute("echo", n=2)
    headers = {"Cache-Control": "max-age=3600"}
    result = driver.get(f"{API}/computations/echo/result?n=2", **headers).get_json()
    assert not result["refreshing"]


def test_reader_may_want_only_what_is_known(driver: Driver) -> None:
    driver.compute("echo", n=2)
    driver.make_stale("echo", n=2)
    headers = {"Cache-Control": "only-if-cached"}
    result = driver.get(f"{API}/computations/echo/result?n=2", **headers).get_json()
    assert (result["state"], result["refreshing"]) == ("stale", False)
    assert driver.pending("echo") == 0


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("Cache-Control", "max-age=soon"),
        ("Cache-Control", "max-age=-1"),
        ("Cache-Control", "max-age"),
        ("Prefer", "wait=long"),
        ("Prefer", "wait=1.5"),
        ("Prefer", "wait=1, =2"),
    ],
)
def test_limits_that_are_no_numbers_are_refused(driver: Driver, header: str, text: str) -> None:
    driver.compute("echo", n=2)
    answer = driver.get(f"{API}/computations/echo/result?n=2", **{header: text})
    assert answer.status_code == 400
    assert header in answer.get_json()["detail"]


def drain_soon(driver: Driver, name: str) -> threading.Timer:
    timer = threading.Timer(0.3, driver.drain, [name])
    timer.start()
    return timer


def test_submit_that_waits_is_answered_with_the_value(driver: Driver) -> None:
    draining = drain_soon(driver, "echo")
    answer = driver.client.post(
        f"{API}/computations/echo/requests",
        json={"params": {"n": 3}},
        headers={"Prefer": "wait=20"},
    )
    draining.join()
    assert (answer.status_code, answer.get_json()["value"]) == (200, "xxx")
    assert answer.headers["Preference-Applied"] == "wait=20"


def test_submit_that_waited_in_vain_is_accepted(driver: Driver) -> None:
    started = time.monotonic()
    answer = driver.client.post(
        f"{API}/computations/echo/requests",
        json={"params": {"n": 3}},
        headers={"Prefer": "respond-async, wait=1"},
    )
    assert 1 <= time.monotonic() - started < 3
    assert (answer.status_code, answer.get_json()["status"]) == (202, "pending")


def test_read_that_waits_gets_the_recomputed_value(driver: Driver) -> None:
    driver.compute("echo", n=2)
    driver.make_stale("echo", n=2)
    draining = drain_soon(driver, "echo")
    result = driver.get(f"{API}/computations/echo/result?n=2", Prefer="wait=20").get_json()
    draining.join()
    assert (result["state"], result["refreshing"]) == ("fresh", False)


def test_submit_that_waits_is_told_within_a_moment_of_the_end(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "LOOK_SECONDS", 60.0)
    request_id = driver.submit("echo", {"n": 3}).get_json()["id"]
    ended: list[float] = []

    def drain() -> None:
        driver.drain("echo")
        ended.append(time.monotonic())

    timer = threading.Timer(1.0, drain)
    timer.start()
    answer = driver.get(f"{API}/requests/{request_id}", Prefer="wait=30")
    timer.join()
    assert time.monotonic() - ended[0] < 5
    assert (answer.status_code, answer.get_json()["status"]) == (200, "succeeded")
    assert answer.headers["Preference-Applied"] == "wait=30"
    assert "Retry-After" not in answer.headers


def test_status_of_what_has_ended_is_not_waited_for(driver: Driver) -> None:
    request_id = driver.submit("echo", {"n": 3}).get_json()["id"]
    driver.drain("echo")
    started = time.monotonic()
    answer = driver.get(f"{API}/requests/{request_id}", Prefer="wait=30")
    assert time.monotonic() - started < 5
    assert "Preference-Applied" not in answer.headers


def test_status_that_was_waited_for_in_vain_is_that_of_now(driver: Driver) -> None:
    request_id = driver.submit("echo", {"n": 3}).get_json()["id"]
    answer = driver.get(f"{API}/requests/{request_id}", Prefer="wait=1")
    assert answer.get_json()["status"] == "pending"
    assert answer.headers["Preference-Applied"] == "wait=1"


def test_when_all_waiting_places_are_taken_the_answer_comes_at_once(
    make_app: AppMaker, server: StoreServer
) -> None:
    driver = Driver(make_app(server, BATCHWELL_WAITERS="1"))
    with driver.context.places.take() as taken:
        assert taken
        started = time.monotonic()
        answer = driver.client.post(
            f"{API}/computations/echo/requests",
            json={"params": {"n": 3}},
            headers={"Prefer": "wait=20"},
        )
        assert time.monotonic() - started < 5
        assert answer.status_code == 202
        assert "Preference-Applied" not in answer.headers
    with driver.context.places.take() as taken:
        assert taken


def test_no_place_to_wait_in_is_a_choice(make_app: AppMaker, server: StoreServer) -> None:
    driver = Driver(make_app(server, BATCHWELL_WAITERS="0"))
    request_id = driver.submit("echo", {"n": 3}).get_json()["id"]
    answer = driver.get(f"{API}/requests/{request_id}", Prefer="wait=20")
    assert "Preference-Applied" not in answer.headers


def test_invalidated_values_are_stale_and_served(driver: Driver) -> None:
    driver.compute("echo", n=2)
    answer = driver.client.post(f"{API}/computations/echo/invalidate")
    assert answer.get_json() == {"computation": "echo", "generation": 1}
    result = driver.read("echo", "n=2").get_json()
    assert (result["value"], result["state"], result["refreshing"]) == ("xx", "stale", True)
    driver.drain("echo")
    result = driver.read("echo", "n=2").get_json()
    assert (result["state"], result["provenance"]["generation"]) == ("fresh", 1)


def test_unknown_computation_is_not_invalidated(driver: Driver) -> None:
    assert driver.client.post(f"{API}/computations/nothing/invalidate").status_code == 404


def test_catalogue_tells_the_dependencies_by_name(driver: Driver) -> None:
    policy = driver.get(f"{API}/computations/echo").get_json()["policy"]
    assert (policy["depends_on"], policy["hot_for_seconds"]) == ([], None)
