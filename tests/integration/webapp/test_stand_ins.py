"""A value that was never computed: another stands in for it, and is marked so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer

FEED = """
from batchwell import computation

@computation(stand_in={"user": ""})
def feed(user: str) -> list[str]:
    return [user or "popular"]
"""


@pytest.fixture
def driver(dags_folder: Path, make_app: AppMaker, server: StoreServer) -> Driver:
    (dags_folder / "computations" / "feed.py").write_text(FEED)
    return Driver(make_app(server))


def test_stand_in_is_served_and_marked_until_the_value_itself_is_known(driver: Driver) -> None:
    driver.compute("feed", user="")
    answer = driver.read("feed", "user=ann")
    document = answer.get_json()
    assert answer.status_code == 200
    assert (document["value"], document["params"]) == (["popular"], {"user": ""})
    assert document["stand_in"] is True
    assert answer.headers["Cache-Control"].startswith("max-age=0")
    assert driver.pending("feed") == 0, "a read starts no first computing"
    driver.compute("feed", user="ann")
    own = driver.read("feed", "user=ann").get_json()
    assert (own["value"], "stand_in" in own) == (["ann"], False)


def test_stand_in_itself_is_a_value_like_any_other(driver: Driver) -> None:
    driver.compute("feed", user="")
    assert "stand_in" not in driver.read("feed", "user=").get_json()


def test_without_either_there_is_none(driver: Driver) -> None:
    assert driver.read("feed", "user=ann").get_json()["type"] == "/problems/never-computed"


def test_stale_stand_in_is_served_and_is_what_gets_refreshed(driver: Driver) -> None:
    driver.compute("feed", user="")
    driver.make_stale("feed", user="")
    document = driver.read("feed", "user=ann").get_json()
    assert (document["state"], document["stand_in"], document["refreshing"]) == (
        "stale",
        True,
        True,
    )
    assert driver.status(document["refreshed_by"])["params"] == {"user": ""}


def test_reader_who_has_it_gets_nothing_new(driver: Driver) -> None:
    driver.compute("feed", user="")
    url = f"{API}/computations/feed/result?user=ann"
    tag = driver.get(url).headers["ETag"]
    assert driver.get(url, **{"If-None-Match": tag}).status_code == 304
    driver.compute("feed", user="ann")
    assert driver.get(url, **{"If-None-Match": tag}).status_code == 200
