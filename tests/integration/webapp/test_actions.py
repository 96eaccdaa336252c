"""Actions over HTTP: taken in whole, refused one by one, and never twice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from batchwell import Action
from tests.integration.webapp.conftest import AppMaker
from tests.integration.webapp.driver import API, Driver
from tests.servers import StoreServer

LOG = """
from datetime import timedelta
from batchwell import ActionLog

actions = ActionLog(
    items=[f"{kind}-{n}" for kind in ("whale", "cat") for n in range(3)],
    user_limit=5,
    max_waiting=12,
    oldest=timedelta(days=2),
)
"""


@pytest.fixture
def acting(make_app: AppMaker, server: StoreServer, dags_folder: Path) -> Driver:
    """The app with a small log of actions."""
    (dags_folder / "computations" / "pictures.py").write_text(LOG)
    return Driver(make_app(server))


def like(user: str = "ann", item: str = "whale-1", **more: Any) -> dict[str, Any]:
    return {"user": user, "item": item, "action": "like", **more}


def post(driver: Driver, body: object) -> TestResponse:
    return driver.client.post(f"{API}/actions", json=body)


def post_text(driver: Driver, text: str) -> TestResponse:
    return driver.client.post(f"{API}/actions", data=text, content_type="application/json")


def kept(driver: Driver) -> list[Action]:
    return list(driver.store.gather_actions("test", count=100_000, live_seconds=1).actions)


def wrong(problem: dict[str, Any]) -> dict[str, str]:
    assert problem["type"] == "/problems/invalid-action"
    return {error["field"]: error["message"] for error in problem["errors"]}


def test_one_action_is_taken_in(acting: Driver) -> None:
    answer = post(acting, like(id="a1"))
    assert (answer.status_code, answer.get_json()) == (202, {"accepted": 1})
    [action] = kept(acting)
    assert action[:4] == ("ann", "whale-1", "like", "a1")
    assert abs(action.at_ms / 1000 - time.time()) < 60


def test_many_are_taken_in_and_have_ids_of_their_own(acting: Driver) -> None:
    answer = post(acting, {"items": [like(), like(), like("bob")]})
    assert answer.status_code == 200
    assert answer.get_json() == {
        "counts": {"accepted": 3, "limited": 0, "invalid": 0},
        "refused": [],
    }
    post(acting, like())
    assert len({action.id for action in kept(acting)}) == 4


def test_a_bad_item_spoils_only_itself(acting: Driver) -> None:
    items = [like(), like(item="whael-1"), 7, like("bob"), {"user": "cid"}]
    document = post(acting, {"items": items}).get_json()
    assert document["counts"] == {"accepted": 2, "limited": 0, "invalid": 3}
    assert [each["index"] for each in document["refused"]] == [1, 2, 4]
    unknown, number, short = (wrong(each["problem"]) for each in document["refused"])
    assert unknown["item"].startswith("there is no item 'whael-1'; did you mean whale-1")
    assert list(number) == ["item"]
    assert list(short) == ["item", "action"]
    assert [action.user for action in kept(acting)] == ["ann", "bob"]
