"""Submits that name a webhook, and what the API tells of deliveries."""

from __future__ import annotations

from typing import Any

import pytest

from batchwell.connection import connect
from batchwell.deliveries import Answer
from batchwell.store import Store
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.receiver import SECRET
from tests.servers import GuardedServer, StoreServer

HOOK = "https://here.test:8443/hook/secret?key=1"


@pytest.fixture
def driver(driver: Driver, make_app: AppMaker, server: StoreServer) -> Driver:
    """The app with a secret to sign with."""
    app = make_app(server, BATCHWELL_WEBHOOK_SECRET=SECRET)
    return Driver(app)


def deliveries(driver: Driver, query: str = "", name: str = "echo") -> dict[str, Any]:
    answer = driver.get(f"{API}/computations/{name}/deliveries{query}")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.get_json()
    return document


def finished(driver: Driver, webhook: str = HOOK, n: int = 1) -> str:
    """Return the id of a request that has ended and whose end is to be told."""
    answer = driver.submit("echo", {"n": n}, webhook=webhook)
    assert answer.status_code == 202
    driver.client.delete(answer.headers["Location"])
    request_id: str = answer.get_json()["id"]
    return request_id


def test_end_of_a_request_is_owed_and_listed(driver: Driver) -> None:
    request_id = finished(driver)
    (delivery,) = deliveries(driver)["deliveries"]
    due_at = delivery.pop("due_at")
    assert due_at == delivery.pop("owed_at")
    assert due_at.endswith("Z")
    assert delivery == {
        "id": f"{request_id}-1",
        "request": request_id,
        "type": "request.cancelled",
        "url": HOOK,
        "status": "owed",
        "attempts": 0,
        "attempted_at": None,
        "answer": None,
        "error": None,
    }


def test_request_tells_its_deliveries_and_of_their_urls_the_host_alone(driver: Driver) -> None:
    answer = driver.submit("echo", {"n": 1}, webhook=HOOK)
    assert HOOK not in answer.text
    location = answer.headers["Location"]
    assert "deliveries" not in driver.get(location).get_json()
    driver.client.delete(location)
    shown = driver.get(location)
    (delivery,) = shown.get_json()["deliveries"]
    assert (delivery["url"], delivery["status"]) == ("https://here.test:8443", "owed")
    assert "secret" not in shown.text


def test_request_without_a_webhook_says_nothing_of_deliveries(driver: Driver) -> None:
    location = driver.submit("echo", {"n": 1}).headers["Location"]
    driver.client.delete(location)
    assert "deliveries" not in driver.get(location).get_json()


def test_deliveries_come_in_pages(driver: Driver) -> None:
    requests = {finished(driver, n=n) for n in range(5)}
    found: list[dict[str, Any]] = []
    query = "?limit=2"
    while query:
        page = deliveries(driver, query)
        found += page["deliveries"]
        query = f"?limit=2&cursor={page['next']}" if page["next"] else ""
    assert len(found) == 5
    assert {delivery["request"] for delivery in found} == requests
    for bad in ("?limit=0", "?cursor=", "?cursor=MTo", "?cursor=x&cursor=y", "?page=2"):
        assert driver.get(f"{API}/computations/echo/deliveries{bad}").status_code == 422, bad
    assert driver.get(f"{API}/computations/none/deliveries").status_code == 404


def test_dead_delivery_is_made_again_on_demand(driver: Driver) -> None:
    finished(driver)
    echo = driver.computation("echo")
    (taken,) = driver.store.take(echo, count=1, lease_seconds=30)[0]
    driver.store.settle(echo, taken, Answer(status=410, error="answered 410"), again_seconds=None)
    answer = driver.client.post(f"{API}/deliveries/{taken.id}/retry")
    assert (answer.status_code, answer.get_json()["status"]) == (202, "owed")
    assert answer.get_json()["answer"] == 410
    assert len(driver.store.take(echo, count=1, lease_seconds=30)[0]) == 1


@pytest.mark.parametrize("delivery_id", ["x", f"echo-{'a' * 16}-1", f"none-{'a' * 16}-1", "echo-1"])
def test_unknown_delivery_is_404(driver: Driver, delivery_id: str) -> None:
    answer = driver.client.post(f"{API}/deliveries/{delivery_id}/retry")
    assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/unknown-delivery")


@pytest.mark.parametrize(
    "webhook",
    ["", "here.test", "http://here.test/", "https://127.0.0.1/", "https://u:p@here.test/", 3, []],
)
def test_webhook_that_cannot_be_is_refused_by_name(driver: Driver, webhook: object) -> None:
    answer = driver.submit("echo", {"n": 1}, webhook=webhook)
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert error["field"] == "webhook"
    assert driver.pending("echo") == 0


def test_webhooks_are_off_without_a_secret(app_driver: Driver) -> None:
    answer = app_driver.submit("echo", {"n": 1}, webhook=HOOK)
    assert answer.status_code == 422
    assert "BATCHWELL_WEBHOOK_SECRET" in answer.get_json()["detail"]
    assert app_driver.pending("echo") == 0


@pytest.fixture
def app_driver(make_app: AppMaker, server: StoreServer) -> Driver:
    """The app without a secret."""
    return Driver(make_app(server))


def test_eleventh_webhook_is_refused(driver: Driver) -> None:
    for number in range(10):
        assert driver.submit("echo", {"n": 1}, webhook=f"{HOOK}{number}").status_code == 202
    answer = driver.submit("echo", {"n": 1}, webhook=HOOK)
    assert (answer.status_code, answer.get_json()["type"]) == (409, "/problems/too-many-webhooks")
    assert driver.submit("echo", {"n": 1}, webhook=f"{HOOK}0").status_code == 202
    assert driver.submit("echo", {"n": 1}).status_code == 202


def test_webhook_of_a_bulk_holds_for_each_of_its_requests(driver: Driver) -> None:
    for number in range(10):
        driver.submit("echo", {"n": 1}, webhook=f"{HOOK}{number}")
    body = {"items": [{"params": {"n": n}} for n in (1, 2, 3)], "webhook": HOOK}
    answer = driver.client.post(f"{API}/computations/echo/requests/bulk", json=body)
    crowded, *accepted = answer.get_json()["outcomes"]
    assert crowded["problem"]["type"] == "/problems/too-many-webhooks"
    for outcome in accepted:
        driver.client.delete(outcome["links"]["self"])
    listed = deliveries(driver)["deliveries"]
    assert {one["request"] for one in listed} == {one["request"] for one in accepted}
    body["webhook"] = "http://here.test/"
    assert (
        driver.client.post(f"{API}/computations/echo/requests/bulk", json=body).status_code == 422
    )


def test_fresh_value_is_its_own_message(driver: Driver) -> None:
    driver.compute("echo", n=1)
    assert driver.submit("echo", {"n": 1}, webhook=HOOK).status_code == 200
    assert deliveries(driver)["deliveries"] == []


def test_allowing_private_addresses_lets_http_pass(make_app: AppMaker, server: StoreServer) -> None:
    app = make_app(server, BATCHWELL_WEBHOOK_SECRET=SECRET, BATCHWELL_WEBHOOK_ALLOW_PRIVATE="1")
    answer = Driver(app).submit("echo", {"n": 1}, webhook="http://127.0.0.1:9000/")
    assert answer.status_code == 202


def test_users_of_the_store_may_do_what_webhooks_take(
    make_app: AppMaker, guarded_server: GuardedServer
) -> None:
    with connect(guarded_server.url_of("default")) as operator:
        operator.flushdb()
    app = make_app(
        guarded_server,
        BATCHWELL_REDIS_URL=guarded_server.url_of("batchwell-web"),
        BATCHWELL_NAMESPACE="bw",
        BATCHWELL_WEBHOOK_SECRET=SECRET,
    )
    driver = Driver(app)
    request_id = finished(driver)
    with connect(guarded_server.url_of("batchwell-worker")) as client:
        worker, echo = Store(client), driver.computation("echo")
        (taken,) = worker.take(echo, count=1, lease_seconds=30)[0]
        assert worker.settle(echo, taken, Answer(status=204), again_seconds=None) == "delivered"
    assert driver.client.post(f"{API}/deliveries/{request_id}-1/retry").status_code == 202
    assert len(deliveries(driver)["deliveries"]) == 1
