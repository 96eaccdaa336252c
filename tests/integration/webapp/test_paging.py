"""Lists come a page at a time, and each page leads to the next."""

from __future__ import annotations

import base64
import re

import pytest
from werkzeug.test import TestResponse

from batchwell import Failure
from batchwell.store import Origin
from tests.integration.webapp.driver import API, Driver

FAILURES = f"{API}/computations/same/failures"
CATALOGUE = f"{API}/computations"


def fail(driver: Driver, count: int) -> set[str]:
    same = driver.computation("same")
    ids = {driver.submit("same", {"value": n}).get_json()["id"] for n in range(count)}
    driver.store.enlist(same, "worker", worker_seconds=15)
    batch = driver.store.claim(same, "worker", count=100, lease_seconds=30, origin=Origin())
    driver.store.fail(same, [(claim, Failure("no"), False) for claim in batch.claims])
    return ids


def follow(answer: TestResponse) -> str | None:
    """Return the address of the next page, as a client of RFC 8288 finds it."""
    link = answer.headers.get("Link")
    if link is None:
        assert answer.get_json()["next"] is None
        return None
    match = re.fullmatch('<(.+)>; rel="next"', link)
    assert match
    assert answer.get_json()["next"] in match[1]
    return match[1]


def test_failures_are_followed_page_by_page(driver: Driver) -> None:
    expected = fail(driver, 7)
    url: str | None = f"{FAILURES}?limit=3"
    found, sizes = [], []
    while url:
        answer = driver.get(url)
        assert answer.get_json()["total"] == 7
        page = [letter["id"] for letter in answer.get_json()["failures"]]
        found += page
        sizes.append(len(page))
        url = follow(answer)
    assert (set(found), sizes) == (expected, [3, 3, 1])


def test_catalogue_is_followed_page_by_page(driver: Driver) -> None:
    url: str | None = f"{CATALOGUE}?limit=3"
    found = []
    while url:
        answer = driver.get(url)
        found.append([entry["name"] for entry in answer.get_json()["computations"]])
        url = follow(answer)
    assert found == [["echo", "fibonacci", "lasting"], ["narrow", "same"]]


def seal(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("path", [FAILURES, CATALOGUE])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=" + "9" * 1000, "limit"),
        ("limit=x", "limit"),
        ("limit=1&limit=2", "limit"),
        ("start=1", "start"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=nonsense!", "cursor"),
        ("cursor=a", "cursor"),
        ("cursor=" + seal("1:2"), "cursor"),
        ("cursor=" + seal("Echo 1"), "cursor"),
        ("cursor=" + seal("echo\n"), "cursor"),
        ("cursor=" + seal("echo") + "=", "cursor"),
    ],
)
def test_malformed_page_is_refused_by_name(
    driver: Driver, path: str, query: str, field: str
) -> None:
    answer = driver.get(f"{path}?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [field]


def test_cursor_of_one_list_is_none_of_another(driver: Driver) -> None:
    fail(driver, 2)
    cursor = driver.get(f"{FAILURES}?limit=1").get_json()["next"]
    assert driver.get(f"{CATALOGUE}?cursor={cursor}").status_code == 422
