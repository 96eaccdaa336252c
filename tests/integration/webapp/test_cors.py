"""Scripts of other sites: those that the setting names, and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from batchwell.access_tokens import Scope
from tests.integration.webapp.conftest import AppMaker
from tests.servers import StoreServer

ORIGIN = "https://app.example.org"
CALLS = "/api/v1/computations"
CALL = "/api/v1/computations/echo/requests"
BODY = {"params": {"n": 1}}


@pytest.fixture
def client(make_app: AppMaker, server: StoreServer) -> FlaskClient:
    return make_app(server, BATCHWELL_CORS_ORIGINS=f"{ORIGIN} http://other.test").test_client()


def script_of(origin: str) -> dict[str, str]:
    return {"Origin": origin, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}


def preflight(client: FlaskClient, origin: str, path: str = CALL) -> dict[str, str]:
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = client.options(path, headers=script_of(origin) | asked)
    assert (answer.status_code, answer.data) == (204, b"")
    return dict(answer.headers)


def test_named_site_is_told_what_it_may_send(client: FlaskClient) -> None:
    told = preflight(client, ORIGIN)
    assert told["Access-Control-Allow-Origin"] == ORIGIN
    assert "POST" in told["Access-Control-Allow-Methods"]
    assert "DELETE" in told["Access-Control-Allow-Methods"]
    assert "Authorization" in told["Access-Control-Allow-Headers"]
    assert "Idempotency-Key" in told["Access-Control-Allow-Headers"]
    assert told["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in told


def test_preflight_needs_no_token(client: FlaskClient, grant: Callable[..., str]) -> None:
    grant("ci")
    assert preflight(client, ORIGIN)["Access-Control-Allow-Origin"] == ORIGIN


def test_named_site_may_call_and_read_the_headers_of_the_answer(client: FlaskClient) -> None:
    answer = client.post(CALL, json=BODY, headers=script_of(ORIGIN))
    assert answer.status_code == 202
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    exposed = answer.headers["Access-Control-Expose-Headers"]
    for name in ("ETag", "Age", "Location", "Link", "Retry-After", "RateLimit"):
        assert name in exposed


def test_errors_can_be_read_too(client: FlaskClient, grant: Callable[..., str]) -> None:
    grant("ci")
    answer = client.post(CALL, json=BODY, headers=script_of(ORIGIN))
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "https://app.example.org.evil.example",
     "http://app.example.org", "https://app.example.org:8443"],
)  # fmt: skip
def test_other_sites_are_let_neither_in_nor_see(client: FlaskClient, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(client, origin)
    answer = client.post(CALL, json=BODY, headers=script_of(origin))
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "lent",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
        {},
    ],
)
def test_session_does_not_cross_sites(
    client: FlaskClient, grant: Callable[..., str], lent: dict[str, str]
) -> None:
    secret = grant("ann", Scope.ADMIN)
    client.post("/login", data={"token": secret})
    path = "/api/v1/computations/echo/invalidate"
    headers = {"Origin": ORIGIN, **lent}
    for answer in (client.post(path, headers=headers), client.get(CALLS, headers=headers)):
        assert answer.status_code == 401
        assert "Access-Control-Allow-Credentials" not in answer.headers
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.post(path, headers=headers | bearer).status_code == 200


def test_session_of_a_named_origin_that_is_our_own_holds(
    make_app: AppMaker, server: StoreServer, grant: Callable[..., str]
) -> None:
    own = "http://localhost"
    client = make_app(server, BATCHWELL_CORS_ORIGINS=own).test_client()
    client.post("/login", data={"token": grant("ann", Scope.SUBMIT)})
    for more in ({}, {"Sec-Fetch-Site": "same-origin"}):
        answer = client.post(CALL, json=BODY, headers={"Origin": own, **more})
        assert answer.status_code == 202


def test_without_the_setting_nothing_is_said_of_origins(
    make_app: AppMaker, server: StoreServer
) -> None:
    answer = make_app(server).test_client().get("/api/v1/computations", headers={"Origin": ORIGIN})
    assert answer.status_code == 200
    assert "Origin" not in answer.headers.get("Vary", "")
    assert "Access-Control-Allow-Origin" not in answer.headers
