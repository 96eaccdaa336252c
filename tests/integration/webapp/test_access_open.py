"""An app without tokens serves its own machine alone, and no other site's pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from batchwell.access_tokens import Scope
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import Driver
from tests.servers import StoreServer

READ = "/api/v1/computations"
SUBMIT = f"{READ}/echo/requests"


def problem(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["type"].rpartition("/")[2]


@pytest.mark.parametrize("peer", ["192.0.2.7", "10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", ""])
def test_peer_elsewhere_is_refused(client: FlaskClient, peer: str) -> None:
    answer = client.get(READ, environ_overrides={"REMOTE_ADDR": peer})
    assert problem(answer) == (403, "not-local")


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
def test_peer_on_this_machine_is_served(client: FlaskClient, peer: str) -> None:
    assert client.get(READ, environ_overrides={"REMOTE_ADDR": peer}).status_code == 200


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
@pytest.mark.parametrize("value", ["127.0.0.1", "192.0.2.7", "for=127.0.0.1"])
def test_proxy_gives_itself_away(client: FlaskClient, header: str, value: str) -> None:
    assert problem(client.get(READ, headers={header: value})) == (403, "not-local")


def test_proxy_that_is_believed_tells_who_is_behind_it(
    make_app: AppMaker, server: StoreServer
) -> None:
    client = make_app(server, BATCHWELL_PROXIES="1").test_client()

    def ask(forwarded: str) -> int:
        return client.get(READ, headers={"X-Forwarded-For": forwarded}).status_code

    assert ask("127.0.0.1") == 200
    assert ask("192.0.2.7") == 403
    assert ask("127.0.0.1, 192.0.2.7") == 403, "what the client wrote itself is not believed"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.nip.example",
             "10.0.0.1:8000", "[2001:db8::1]", "[", "a@localhost@b:1"]
)  # fmt: skip
def test_name_of_another_site_is_refused(client: FlaskClient, host: str) -> None:
    answer = client.get(READ, headers={"Host": host})
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_names_of_this_machine_are_served(client: FlaskClient, host: str) -> None:
    assert client.get(READ, headers={"Host": host}).status_code == 200


def test_name_of_the_setting_is_served(make_app: AppMaker, server: StoreServer) -> None:
    client = make_app(server, BATCHWELL_URL="http://well.test:8000").test_client()
    assert client.get(READ, headers={"Host": "well.test:8000"}).status_code == 200


def site(name: str, mode: str = "cors", **more: str) -> dict[str, str]:
    return {"Sec-Fetch-Site": name, "Sec-Fetch-Mode": mode, **more}


FOREIGN = [
    site("cross-site"),
    site("same-site"),
    site("cross-site", "no-cors"),
    site("cross-site", "navigate"),
    site("cross-site", "cors", Origin="null"),
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "null"},
    {"Origin": "http://["},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_other_sites_change_nothing(driver: Driver, headers: dict[str, str]) -> None:
    client = driver.client
    json = {"params": {"n": 1}}
    for answer in (
        client.post(SUBMIT, json=json, headers=headers),
        client.post(f"{SUBMIT}/bulk", json={"items": [json]}, headers=headers),
        client.post(f"{READ}/echo/invalidate", headers=headers),
        client.post("/computations/echo", data={"n": "1"}, headers=headers),
        client.post("/login", data={"token": "x"}, headers=headers),
        client.post("/logout", headers=headers),
    ):
        assert problem(answer) == (403, "cross-site")
    request = driver.submit("echo", {"n": 1}).get_json()["id"]
    assert client.delete(f"/api/v1/requests/{request}", headers=headers).status_code == 403
    assert client.post(f"/api/v1/requests/{request}/retry", headers=headers).status_code == 403
    assert driver.pending("echo") == 1


@pytest.mark.parametrize("headers", [each for each in FOREIGN if "Sec-Fetch-Site" in each])
def test_article_s_set_is_for_no_other_site_though_it_is_a_get(
    driver: Driver, headers: dict[str, str]
) -> None:
    assert driver.client.get("/set/30", headers=headers).status_code == 403
    assert driver.pending("fibonacci") == 0
    assert driver.client.get("/set/30", headers=site("none", "navigate")).status_code == 200


def test_other_sites_may_link_to_and_frame_what_is_only_read(client: FlaskClient) -> None:
    for path in ("/", "/computations/echo", READ):
        link = site("cross-site", "navigate", **{"Sec-Fetch-Dest": "document"})
        assert client.get(path, headers=link).status_code == 200
        assert client.get(path, headers=site("cross-site", "no-cors")).status_code == 403
    with client.get("/static/batchwell.css", headers=site("cross-site", "no-cors")) as style:
        assert style.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        site("same-origin"),
        site("none", "navigate"),
        {"Origin": "http://localhost"},
        {},
        site("same-origin", Origin="https://behind-a-proxy.example"),
    ],
)
def test_own_pages_and_programs_are_served(driver: Driver, headers: dict[str, str]) -> None:
    answer = driver.client.post(SUBMIT, json={"params": {"n": 1}}, headers=headers)
    assert answer.status_code == 202


def test_who_bears_a_token_was_tricked_by_no_page(
    driver: Driver, grant: Callable[..., str]
) -> None:
    secret = grant("ci", Scope.SUBMIT)
    headers = site("cross-site", Origin="https://evil.example", Authorization=f"Bearer {secret}")
    answer = driver.client.post(SUBMIT, json={"params": {"n": 1}}, headers=headers)
    assert answer.status_code == 202
    assert "Access-Control-Allow-Origin" not in answer.headers, "nor may that page read it"


def test_form_of_another_type_cannot_pass_for_json(client: FlaskClient) -> None:
    answer = client.post(SUBMIT, data='{"params": {"n": 1}}', content_type="text/plain")
    assert answer.status_code == 415
