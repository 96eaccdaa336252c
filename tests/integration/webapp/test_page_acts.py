"""What a person can do on the pages: cancel and replay; and who may."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from batchwell.access_tokens import Scope
from tests.integration.webapp.driver import Driver
from webapp.access import known_tokens


def fail_one(driver: Driver) -> str:
    """Have a request of ``narrow`` fail; return its id."""
    request: str = driver.submit("narrow", {"n": 0}).get_json()["id"]
    driver.drain("narrow")
    return request


def test_waiting_request_is_cancelled(driver: Driver) -> None:
    request = driver.submit("echo", {"n": 1}).get_json()["id"]
    assert f'action="/requests/{request}/cancel"' in driver.get(f"/requests/{request}").text
    for _ in range(2):  # one that has ended stays as it is
        answer = driver.client.post(f"/requests/{request}/cancel")
        assert (answer.status_code, answer.location) == (303, f"/requests/{request}")
    page = driver.get(f"/requests/{request}").text
    assert "<strong>Cancelled</strong>" in page
    assert f'action="/requests/{request}/cancel"' not in page
    assert driver.client.post("/requests/echo-aaaaaaaaaaaaaaaa/cancel").status_code == 404


def test_failure_is_seen_with_its_traceback_and_replayed(driver: Driver) -> None:
    request = fail_one(driver)
    page = driver.get("/computations/narrow").text
    assert "ZeroDivisionError" in page
    assert "return 1 // n" in page, "the line that raised it"
    assert f'action="/requests/{request}/replay"' in page
    answer = driver.client.post(f"/requests/{request}/replay")
    assert answer.status_code == 303
    assert answer.location != f"/requests/{request}"
    assert "Waiting" in driver.get(answer.location).text
    page = driver.get(f"/requests/{request}").text
    assert f'Replayed as <a href="{answer.location}">' in page
    assert "/replay" not in page


@pytest.mark.parametrize("path", ["/requests/{}/replay", "/requests/{}/cancel"])
def test_page_of_another_site_can_do_nothing(driver: Driver, path: str) -> None:
    driver.compute("echo", n=1)
    request = driver.submit("echo", {"n": 2}).get_json()["id"]
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = driver.client.post(path.format(request), headers=headers)
    assert answer.status_code == 403
    assert driver.status(request)["status"] == "pending"
    assert driver.read("echo", "n=1").get_json()["state"] == "fresh"


def test_what_a_token_may_not_do_is_not_offered(
    driver: Driver, grant: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.compute("narrow", n=1)
    request = fail_one(driver)
    waiting = driver.submit("narrow", {"n": 2}).get_json()["id"]
    monkeypatch.setattr(known_tokens, "KNOWN_SECONDS", 0.0)
    secrets = {scope: grant(scope.value, scope) for scope in Scope}
    offered = {}
    for scope, secret in secrets.items():
        driver.bear(secret)
        pages = driver.get("/computations/narrow").text + driver.get(f"/requests/{waiting}").text
        offered[scope] = [act for act in ("cancel", "replay", "invalidate") if f"/{act}" in pages]
    assert offered == {
        Scope.READ: [],
        Scope.SUBMIT: ["cancel"],
        Scope.ADMIN: ["cancel", "replay", "invalidate"],
    }
    driver.bear(secrets[Scope.SUBMIT])
    assert driver.client.post(f"/requests/{request}/replay").status_code == 403
