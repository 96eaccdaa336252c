"""The app as the user that the store has for it (deploy/store.acl), and as one that it has not."""

from __future__ import annotations

import pytest
from flask import Flask

from batchwell.access_tokens import Scope, digest_of, new_secret
from batchwell.connection import connect
from batchwell.drain import drain
from batchwell.store import Store
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import GuardedServer

SUBMIT = f"{API}/computations/echo/requests"


@pytest.fixture
def web_app(make_app: AppMaker, guarded_server: GuardedServer) -> Flask:
    with connect(guarded_server.url_of("default")) as operator:
        operator.flushdb()
    return make_app(
        guarded_server,
        BATCHWELL_REDIS_URL=guarded_server.url_of("batchwell-web"),
        BATCHWELL_NAMESPACE="bw",
        BATCHWELL_RATE_LIMIT="1000/minute",
    )


def test_app_does_all_that_it_does_with_least_privilege(
    web_app: Flask, guarded_server: GuardedServer
) -> None:
    driver, secret = Driver(web_app), new_secret()
    with connect(guarded_server.url_of("default")) as operator:
        Store(operator).grant("ci", digest_of(secret), [Scope.ADMIN])
    driver.bear(secret)
    asked = driver.client.post(
        SUBMIT, json={"params": {"n": 2}}, headers={"Idempotency-Key": '"a"'}
    )
    assert asked.status_code == 202
    assert "RateLimit" in asked.headers
    other = driver.submit("echo", {"n": 3}).get_json()["id"]
    assert driver.client.delete(f"{API}/requests/{other}").status_code == 200
    assert driver.client.post(f"{API}/requests/{other}/retry").status_code == 202
    items = {"items": [{"params": {"n": n}} for n in (4, 5)]}
    assert driver.client.post(f"{SUBMIT}/bulk", json=items).status_code == 200
    action = {"user": "ann", "item": "cat-1", "action": "like"}
    assert driver.client.post(f"{API}/actions", json=action).status_code == 202
    with connect(guarded_server.url_of("batchwell-worker")) as client:
        drain(Store(client), driver.computation("echo"), linger_seconds=0)
    assert driver.read("echo", "n=2").status_code == 200
    assert driver.client.post(f"{API}/computations/echo/invalidate").status_code == 200
    for path in ("/", "/computations/echo", f"{API}/computations", f"{SUBMIT[:-9]}/failures",
                 f"{SUBMIT[:-9]}/latest", "/current", "/set/3", "/health", "/metrics"):  # fmt: skip
        assert driver.get(path).status_code == 200, path
    ready = driver.get("/readyz").get_json()
    assert ready["status"] == "ready"
    assert not any("store" in warning for warning in ready["warnings"])


def test_app_that_the_store_refuses_says_so_and_tells_no_password(
    make_app: AppMaker, guarded_server: GuardedServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = guarded_server.url_of("batchwell-web").replace(":of-the-web@", ":hush-hush@")
    client = make_app(guarded_server, BATCHWELL_REDIS_URL=url).test_client()
    answer = client.get(f"{API}/computations")
    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert answer.get_json()["type"] == "/problems/store-refuses"
    assert "BATCHWELL_REDIS_URL names the right user" in caplog.text
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()) == (503, {"status": "unavailable"})
    assert "hush" not in caplog.text + answer.text + ready.text
