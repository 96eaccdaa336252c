"""The pages under tokens: log in, what a session may do, how it ends."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from batchwell.access_tokens import Scope
from batchwell.store import Store
from tests.integration.webapp.conftest import AppMaker
from tests.servers import StoreServer
from webapp.access import sessions
from webapp.access.known_tokens import KNOWN_SECONDS

Grant = Callable[..., str]
BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}


def log_in(client: FlaskClient, secret: str, destination: str = "/") -> str:
    form = {"token": f" {secret}\n", "next": destination}
    answer = client.post("/login", data=form, headers=BROWSER)
    assert answer.status_code == 303, answer.text
    return answer.headers["Set-Cookie"]


def test_page_asks_for_a_token_and_comes_back(app: Flask, grant: Grant) -> None:
    secret, client = grant("ann"), app.test_client()
    page = client.get("/computations/echo?n=1", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (401, "text/html")
    assert "WWW-Authenticate" in page.headers
    assert '<input type="hidden" name="next" value="/computations/echo?n=1">' in page.text
    answer = client.post("/login", data={"token": secret, "next": "/computations/echo?n=1"})
    assert (answer.status_code, answer.location) == (303, "/computations/echo?n=1")
    assert client.get("/computations/echo", headers=BROWSER).status_code == 200


def test_cookie_is_out_of_the_reach_of_scripts_and_other_sites(app: Flask, grant: Grant) -> None:
    secret = grant("ann")
    cookie = log_in(app.test_client(), secret)
    assert re.match("batchwell=[^;]+; Max-Age=43200; HttpOnly; Path=/; SameSite=Strict$",
                    re.sub(" Expires=[^;]+;", "", cookie))  # fmt: skip
    assert secret not in cookie


def test_cookie_of_a_secure_app_is_sent_over_https_only(
    make_app: AppMaker, server: StoreServer, grant: Grant
) -> None:
    secret = grant("ann")
    client = make_app(server, BATCHWELL_URL="https://well.test").test_client()
    cookie = log_in(client, secret)
    assert cookie.startswith("__Host-batchwell=")
    assert "; Secure;" in cookie


def test_session_calls_the_api_as_the_pages_do(app: Flask, grant: Grant) -> None:
    client = app.test_client()
    log_in(client, grant("ann", Scope.SUBMIT))
    call = "/api/v1/computations/echo/requests"
    own = {"Sec-Fetch-Site": "same-origin"}
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(call, json={"params": {"n": 1}}, headers=own).status_code == 202
    assert client.post(call, json={"params": {"n": 1}}, headers=foreign).status_code == 403
    answer = client.post("/api/v1/computations/echo/invalidate", headers=own)
    assert answer.status_code == 403
    assert answer.get_json()["type"] == "/problems/insufficient-scope"
    assert "private" in client.get("/api/v1/computations/echo").headers["Cache-Control"]


def test_pages_show_what_the_session_may_do(app: Flask, grant: Grant) -> None:
    reader, asker = app.test_client(), app.test_client()
    secrets = grant("reader"), grant("asker", Scope.SUBMIT)
    log_in(reader, secrets[0])
    log_in(asker, secrets[1])
    path = "/computations/echo"
    assert "Get the value" not in reader.get(path).text
    assert "would need the scope submit" in reader.get(path).text
    assert "Get the value" in asker.get(path).text
    assert "Ask for one" not in reader.get("/").text
    assert "Ask for one" in asker.get("/").text
    assert "Log out" in asker.get("/").text
    assert "Authorization: Bearer $BATCHWELL_TOKEN" in asker.get("/computations/echo").text
    refused = reader.post("/computations/echo", data={"n": "1"}, headers=BROWSER)
    assert (refused.status_code, refused.mimetype) == (403, "text/html")


def test_open_app_shows_its_buttons_and_no_way_out(client: FlaskClient) -> None:
    page = client.get("/computations/echo").text
    assert "Get the value" in page
    assert "Log out" not in page
    assert "Authorization" not in page


def test_logging_out_ends_the_session(app: Flask, grant: Grant) -> None:
    client = app.test_client()
    log_in(client, grant("ann"))
    answer = client.post("/logout", headers=BROWSER)
    assert (answer.status_code, answer.location) == (303, "/login")
    assert client.get("/").status_code == 401


def test_revoking_the_token_ends_the_session(app: Flask, grant: Grant, store: Store) -> None:
    grant("other")
    client = app.test_client()
    log_in(client, grant("ann"))
    assert client.get("/").status_code == 200
    store.revoke("ann")
    grant("ann")  # the name is no way back in
    deadline = time.monotonic() + KNOWN_SECONDS + 3
    while client.get("/").status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("secret", ["bw_wrong", "", "größe"])
def test_wrong_token_begins_no_session(app: Flask, grant: Grant, secret: str) -> None:
    grant("ann")
    answer = app.test_client().post("/login", data={"token": secret}, headers=BROWSER)
    assert answer.status_code == 401
    assert "This token is not known" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_forged_and_old_cookies_are_none(
    app: Flask, grant: Grant, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    cookie = re.findall("batchwell=([^;]+)", log_in(client, grant("ann")))[0]
    for forged in ("", "x", f"{cookie[:-1]}!", f"{cookie}x", cookie.partition(".")[2]):
        client.set_cookie("batchwell", forged)
        assert client.get("/").status_code == 401
    client.set_cookie("batchwell", cookie)
    assert client.get("/").status_code == 200
    monkeypatch.setattr(sessions, "SESSION_SECONDS", -1)
    assert client.get("/").status_code == 401


@pytest.mark.parametrize(
    "destination",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/a\nb",
     "javascript:alert(1)", "", "/%0a" + "\x7f"],
)  # fmt: skip
def test_login_leads_nowhere_else(app: Flask, grant: Grant, destination: str) -> None:
    form = {"token": grant("ann"), "next": destination}
    assert app.test_client().post("/login", data=form).location == "/"


def test_key_is_kept_private_and_shared_by_processes(
    make_app: AppMaker, server: StoreServer, grant: Grant, tmp_path: Path
) -> None:
    first, second = make_app(server).test_client(), make_app(server).test_client()
    cookie = re.findall("batchwell=([^;]+)", log_in(first, grant("ann")))[0]
    second.set_cookie("batchwell", cookie)
    assert second.get("/").status_code == 200
    key = tmp_path / "home" / "session.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in key.parent.iterdir()] == ["session.key"]


def test_key_may_be_given_and_another_key_opens_nothing(
    make_app: AppMaker, server: StoreServer, grant: Grant, tmp_path: Path
) -> None:
    client = make_app(server, BATCHWELL_SECRET_KEY="k" * 32).test_client()
    cookie = re.findall("batchwell=([^;]+)", log_in(client, grant("ann")))[0]
    assert not (tmp_path / "home" / "session.key").exists()
    other = make_app(server, BATCHWELL_SECRET_KEY="j" * 32).test_client()
    other.set_cookie("batchwell", cookie)
    assert other.get("/").status_code == 401
