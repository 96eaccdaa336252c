"""Liveness, readiness, and what is wrong."""

from __future__ import annotations

import time
from dataclasses import replace

from batchwell.store.acting import Offered
from tests.integration.webapp.driver import Driver
from tests.servers import StoreServer
from tests.stored import age_actions, request_field, set_request_field
from webapp import create_app


def warnings(driver: Driver) -> list[str]:
    told: list[str] = driver.get("/readyz").get_json()["warnings"]
    return told


def test_ready_app_names_the_module_that_failed_to_import(driver: Driver) -> None:
    answer = driver.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")
    (warning,) = warnings(driver)
    assert "computations.broken is left out" in warning
    assert "No module named 'no_such_library'" in warning


def test_store_that_may_lose_requests_is_told(own_driver: Driver) -> None:
    own_driver.store.client.config_set("maxmemory-policy", "allkeys-lru")
    assert any("maxmemory-policy is allkeys-lru" in warning for warning in warnings(own_driver))


def test_requests_that_nobody_drains_are_told(driver: Driver) -> None:
    answer = driver.submit("echo", {"n": 1})
    assert not any("nobody drains" in warning for warning in warnings(driver))
    token = answer.get_json()["id"].rpartition("-")[2]
    submitted_at = request_field(driver.store, "echo", token, "submitted_at")
    set_request_field(driver.store, "echo", token, "submitted_at", submitted_at - 20_000)
    assert any(
        "nobody drains echo: 1 request waits. No worker has ever polled, and Airflow" in warning
        for warning in warnings(driver)
    )
    assert "nobody drains echo" in driver.get("/").text
    driver.drain("echo")
    assert not any("nobody drains" in warning for warning in warnings(driver))


def test_actions_that_nobody_collects_are_told(driver: Driver) -> None:
    actions = [Offered("ann", "cat-1", "like", f"{number}", None) for number in range(5)]
    log = driver.context.registry.actions
    assert log is not None
    driver.store.accept_actions(log, actions)
    assert not any("collect" in warning for warning in warnings(driver))
    assert "5 actions waiting to be collected" in driver.get("/health").text
    age_actions(driver.store, 120)
    told = "obody collects actions: 5 wait, the first for 2 minutes."
    assert any(told in warning for warning in warnings(driver))
    assert told in driver.get("/health").text
    driver.store.gather_actions("collector", count=1, live_seconds=15)
    assert not any(told in warning for warning in warnings(driver))


def test_log_of_actions_that_is_nearly_full_is_told(driver: Driver) -> None:
    actions = [Offered(f"u{number}", "cat-1", "like", "1", None) for number in range(10)]
    log = driver.context.registry.actions
    assert log is not None
    driver.store.accept_actions(log, actions)
    assert any("is nearly full: 10 of 12 wait" in warning for warning in warnings(driver))


def test_what_is_wrong_with_many_is_told_of_some_and_counted(driver: Driver) -> None:
    for name in ("echo", "fibonacci", "narrow", "lasting"):
        token = driver.submit(name, {"n": 1}).get_json()["id"].rpartition("-")[2]
        set_request_field(driver.store, name, token, "submitted_at", 1)
    page = driver.get("/").text
    assert page.count("<li>nobody drains") == 2
    assert "And 2 more of this kind." in page
    assert driver.get("/health").text.count("Nobody drains") == 4


def test_health_page_says_what_is_well_what_is_wrong_and_what_to_do(driver: Driver) -> None:
    page = driver.get("/health").text
    assert "computations.broken is left out" in page
    assert "Airflow watches no computation" in page
    assert "No request has failed for good" in page
    assert "No message is due" in page
    driver.submit("narrow", {"n": 0})
    driver.drain("narrow")
    page = driver.get("/health").text
    assert "narrow: 1 failed request kept." in page
    assert '<a href="/computations/narrow">narrow</a>' in page


def test_health_page_of_a_killed_store_says_so(own_driver: Driver, own_server: StoreServer) -> None:
    assert own_driver.get("/health").status_code == 200
    own_server.kill()
    page = own_driver.get("/health")
    assert page.status_code == 503
    assert "The store (Redis or Valkey) does not answer" in page.text
    assert "computations.broken is left out" in page.text
    own_server.start()


def test_killed_store_makes_the_app_unready_but_alive(
    own_driver: Driver, own_server: StoreServer
) -> None:
    own_driver.get("/readyz")
    own_server.kill()
    answer = own_driver.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (503, "unavailable")
    assert any("the store does not answer" in warning for warning in warnings(own_driver))
    assert any("computations.broken" in warning for warning in warnings(own_driver))
    assert own_driver.get("/healthz").status_code == 200
    own_server.start()
    assert own_driver.get("/readyz").status_code == 200


def test_readiness_of_a_frozen_store_is_known_soon(
    own_driver: Driver, own_server: StoreServer
) -> None:
    own_driver.get("/readyz")
    with own_server.frozen():
        started = time.monotonic()
        assert own_driver.get("/readyz").status_code == 503
        assert time.monotonic() - started < 3


def test_durable_app_starts_while_its_store_is_away(
    own_driver: Driver, own_server: StoreServer
) -> None:
    own_server.kill()
    settings = own_driver.context.settings
    app = create_app(replace(settings, durable=True))
    assert app.test_client().get("/readyz").status_code == 503
    own_server.start()
    assert app.test_client().get("/readyz").status_code == 200
    app.extensions["batchwell"].store.client.close()
