"""Who may do what, once there are tokens."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from batchwell.access_tokens import Scope
from batchwell.errors import SettingsError
from batchwell.store import Store
from tests.integration.webapp.conftest import AppMaker
from tests.servers import StoreServer
from webapp.access.known_tokens import KNOWN_SECONDS

Grant = Callable[..., str]
READ = "/api/v1/computations"
SUBMIT = f"{READ}/echo/requests"
INVALIDATE = f"{READ}/echo/invalidate"


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def statuses(client: FlaskClient, secret: str) -> tuple[int, int, int]:
    """Try a call of each scope."""
    headers = bearer(secret)
    return (
        client.get(READ, headers=headers).status_code,
        client.post(SUBMIT, json={"params": {"n": 1}}, headers=headers).status_code,
        client.post(INVALIDATE, headers=headers).status_code,
    )


def wait_for(status: int, ask: Callable[[], TestResponse]) -> None:
    """Ask until the answer has the status, a little longer than it may take."""
    deadline = time.monotonic() + KNOWN_SECONDS + 3
    while ask().status_code != status:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_each_scope_implies_those_before_it(app: Flask, grant: Grant) -> None:
    read, submit, admin = (grant(scope, scope) for scope in Scope)
    client = app.test_client()
    assert statuses(client, read) == (200, 403, 403)
    assert statuses(client, submit) == (200, 202, 403)
    assert statuses(client, admin) == (200, 202, 200)


def test_call_without_a_token_is_challenged(app: Flask, grant: Grant) -> None:
    grant("ci")
    answer = app.test_client().get(READ)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="batchwell"'
    assert answer.get_json()["type"] == "/problems/not-authenticated"


@pytest.mark.parametrize(
    "header",
    ["Bearer bw_wrong", "Bearer", "Bearer  ", "bearer bw_größe", "Bearer a b", "Bearer \x80"],
)
def test_token_that_is_none_is_refused_as_such(app: Flask, grant: Grant, header: str) -> None:
    grant("ci")
    answer = app.test_client().get(READ, headers={"Authorization": header})
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("header", ["Basic dTpw", "", "bw_secret", "Token x"])
def test_other_ways_of_authenticating_are_none(app: Flask, grant: Grant, header: str) -> None:
    grant("ci")
    answer = app.test_client().get(READ, headers={"Authorization": header})
    assert answer.status_code == 401
    assert "invalid_token" not in answer.headers["WWW-Authenticate"]


def test_missing_scope_is_named(app: Flask, grant: Grant) -> None:
    answer = app.test_client().post(INVALIDATE, headers=bearer(grant("ci", Scope.SUBMIT)))
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
    assert answer.get_json()["type"] == "/problems/insufficient-scope"
    assert "needs the scope admin; the token ci has read, submit" in answer.get_json()["detail"]
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope", scope="admin"' in challenge


def test_article_s_set_needs_submit_though_it_is_a_get(app: Flask, grant: Grant) -> None:
    read, submit = grant("read"), grant("submit", Scope.SUBMIT)
    client = app.test_client()
    assert client.get("/current", headers=bearer(read)).status_code == 200
    assert client.get("/set/30", headers=bearer(read)).status_code == 403
    assert client.get("/set/30", headers=bearer(submit)).status_code == 200


def test_revoked_token_is_refused_within_seconds(app: Flask, grant: Grant, store: Store) -> None:
    grant("other")
    headers, client = bearer(grant("ci")), app.test_client()
    assert client.get(READ, headers=headers).status_code == 200
    store.revoke("ci")
    wait_for(401, lambda: client.get(READ, headers=headers))


def test_new_token_is_served_at_once(app: Flask, grant: Grant) -> None:
    client = app.test_client()
    assert client.get(READ, headers=bearer(grant("first"))).status_code == 200
    time.sleep(0.25)
    assert client.get(READ, headers=bearer(grant("second"))).status_code == 200


def test_expired_token_is_refused_and_the_app_stays_shut(app: Flask, grant: Grant) -> None:
    secret = grant("ci", Scope.ADMIN, timedelta(0))
    client = app.test_client()
    assert client.get(READ, headers=bearer(secret)).status_code == 401
    assert client.get(READ).status_code == 401


def test_first_token_shuts_an_open_app_and_the_last_one_s_end_opens_it(
    app: Flask, grant: Grant, store: Store
) -> None:
    client = app.test_client()
    assert client.get(READ).status_code == 200
    grant("ci")
    wait_for(401, lambda: client.get(READ))
    store.revoke("ci")
    wait_for(200, lambda: client.get(READ))


def test_cached_read_costs_no_round_trip_more(app: Flask, grant: Grant, store: Store) -> None:
    headers, client = bearer(grant("ci")), app.test_client()
    asked_at = time.monotonic()
    client.get("/current", headers=headers)

    def hashes_read() -> int:
        calls: int = store.client.info("commandstats")["cmdstat_hgetall"]["calls"]
        return calls

    before = hashes_read()
    for _ in range(20):
        client.get("/api/v1/requests/nowhere-1", headers=headers)
    if time.monotonic() - asked_at < KNOWN_SECONDS:
        assert hashes_read() == before


def test_what_anyone_may_see_needs_no_token(app: Flask, grant: Grant) -> None:
    grant("ci")
    client = app.test_client()
    for path in ("/healthz", "/readyz", "/login", "/static/batchwell.css", "/favicon.ico",
                 "/problems/not-authenticated"):  # fmt: skip
        with client.get(path) as answer:
            assert answer.status_code == 200, path


def test_readiness_tells_details_to_readers_only(app: Flask, grant: Grant) -> None:
    secret, client = grant("ci"), app.test_client()
    assert client.get("/readyz").get_json() == {"status": "ready"}
    assert client.get("/readyz", headers=bearer("bw_wrong")).get_json() == {"status": "ready"}
    assert "warnings" in client.get("/readyz", headers=bearer(secret)).get_json()


def test_answer_that_needed_a_token_is_kept_by_no_shared_cache(app: Flask, grant: Grant) -> None:
    answer = app.test_client().get(f"{READ}/echo", headers=bearer(grant("ci")))
    assert "private" in answer.headers["Cache-Control"]


def test_store_that_is_away_opens_nothing(
    make_app: AppMaker, own_server: StoreServer, namespace: str
) -> None:
    app = make_app(own_server)
    own_server.kill()
    client = app.test_client()
    for headers in ({}, bearer("bw_secret")):
        assert client.get("/", headers=headers).status_code == 503
        assert client.get(READ, headers=headers).status_code == 503
        assert client.post(SUBMIT, json={"params": {"n": 1}}, headers=headers).status_code == 503
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").get_json() == {"status": "unavailable"}


def test_known_token_is_not_believed_for_long_once_the_store_is_away(
    make_app: AppMaker, own_server: StoreServer, namespace: str
) -> None:
    from batchwell.access_tokens import digest_of, new_secret
    from batchwell.connection import connect

    secret = new_secret()
    with connect(own_server.url) as door:
        Store(door, namespace=namespace).grant("ci", digest_of(secret), [Scope.READ])
    client = make_app(own_server).test_client()
    assert client.get("/", headers=bearer(secret)).status_code == 200
    own_server.kill()
    wait_for(503, lambda: client.get("/api/v1/requests/nowhere-1", headers=bearer(secret)))


def test_app_that_others_reach_starts_only_with_a_token(
    make_app: AppMaker, server: StoreServer, grant: Grant
) -> None:
    with pytest.raises(SettingsError, match="run 'batchwell token create NAME --scopes admin'"):
        make_app(server, BATCHWELL_HOST="0.0.0.0")
    secret = grant("ci")
    client = make_app(server, BATCHWELL_HOST="0.0.0.0").test_client()
    assert client.get(READ).status_code == 401
    far = {"REMOTE_ADDR": "192.0.2.7"}
    answer = client.get(READ, headers=bearer(secret), environ_overrides=far)
    assert answer.status_code == 200


def test_app_that_others_reach_asks_for_tokens_even_when_none_is_left(
    make_app: AppMaker, server: StoreServer, grant: Grant, store: Store
) -> None:
    headers = bearer(grant("ci"))
    client = make_app(server, BATCHWELL_HOST="0.0.0.0").test_client()
    assert client.get(READ, headers=headers).status_code == 200
    store.revoke("ci")
    wait_for(401, lambda: client.get(READ, headers=headers))
    assert client.get(READ).status_code == 401


def test_app_that_others_reach_starts_without_its_store_and_stays_shut(
    make_app: AppMaker, own_server: StoreServer
) -> None:
    own_server.kill()
    client = make_app(own_server, BATCHWELL_HOST="0.0.0.0").test_client()
    assert client.get(READ).status_code == 401
    assert client.get(READ, headers=bearer("bw_secret")).status_code == 503
    own_server.start()
    assert client.get(READ, headers=bearer("bw_secret")).status_code == 401
