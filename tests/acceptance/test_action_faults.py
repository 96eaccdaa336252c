"""Whoever collects or trains may be killed: each accepted action gets into the database once.

FAULT_SEED repeats the order of kills of an earlier run.
"""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from batchwell.actions_database import open_actions_database
from tests.acceptance.running_system import CHECKOUT, RunningSystem, wait_for
from tests.acceptance.victims import Victims

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]

SECONDS = 30.0
MOST_SECONDS = 120.0
LEAST_KILLS = 2
VICTIMS = ("collector", "collector", "compute process")
FEED_DAGS = ("collect_actions.py", "recompute_feed.py", "recompute_feed_model.py")
FEED_MODULES = ("__init__.py", "pictures.py", "feed_model.py", "feed.py")


@pytest.fixture(scope="module")
def feed_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """A system of this test's own, with the feed and nothing else."""
    dags = tmp_path_factory.mktemp("checkout") / "dags"
    (dags / "computations").mkdir(parents=True)
    for name in FEED_DAGS:
        shutil.copy(CHECKOUT / "dags" / name, dags)
    for name in FEED_MODULES:
        shutil.copy(CHECKOUT / "dags" / "computations" / name, dags / "computations")
    system = RunningSystem(tmp_path_factory.mktemp("feed"), dags)
    system.start()
    yield system
    system.stop()


class Sender:
    """Posts likes in bulk, each of another user, so that one which came twice would be two."""

    def __init__(self, url: str, items: list[str]) -> None:
        self._url = f"{url}/api/v1/actions"
        self._items = items
        self._http = requests.Session()
        self.accepted = 0

    def send(self, count: int) -> None:
        """Post so many; every other one has an id of its own, and goes out twice."""
        users = range(self.accepted, self.accepted + count)
        bulk: list[dict[str, Any]] = [
            {"user": f"user-{n}", "item": self._items[n % len(self._items)], "action": "like"}
            | ({"id": "mine"} if n % 2 else {})
            for n in users
        ]
        answer = self._http.post(self._url, json={"items": bulk}, timeout=30)
        assert answer.json()["counts"]["accepted"] == count
        again = [action for action in bulk if "id" in action][:50]
        assert self._http.post(self._url, json={"items": again}, timeout=30).ok
        self.accepted += count


def kill(
    victims: Victims, chance: random.Random, over: threading.Event, kills: Counter[str]
) -> None:
    """Kill one after another until it is over, each a moment after it was seen at work."""
    kind = "collector"
    while not over.wait(0.02):
        if victims.find(kind) is None:
            continue
        over.wait(chance.uniform(0, 0.2))
        kills[kind] += victims.kill(kind)
        kind = chance.choice(VICTIMS)
        over.wait(chance.uniform(0, 0.5))


def test_every_accepted_action_is_in_the_database_exactly_once(
    feed_system: RunningSystem, capsys: pytest.CaptureFixture[str]
) -> None:
    system = feed_system
    seed = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
    chance, over = random.Random(seed), threading.Event()
    sender = Sender(system.web, system.get("/feed/items").json()["items"])
    kills: Counter[str] = Counter()
    victims = Victims(system.home, chance)
    killer = threading.Thread(target=kill, args=(victims, chance, over, kills))
    killer.start()
    started = time.monotonic()
    while (seconds := time.monotonic() - started) < MOST_SECONDS:
        if seconds > SECONDS and kills["collector"] >= LEAST_KILLS:
            break
        sender.send(chance.randrange(200, 2000))
        time.sleep(chance.uniform(0, 0.2))
    over.set()
    killer.join()
    with capsys.disabled():
        print(f"\nFAULT_SEED={seed}: {sender.accepted:,} actions, {dict(kills)}")
    assert kills["collector"] >= LEAST_KILLS
    system.airflow_api("dags/collect_actions/dagRuns", {"logical_date": None, "conf": {}})
    url = f"sqlite:///{system.home / 'actions.db'}"

    def all_there() -> bool:
        with open_actions_database(url) as database:
            return database.count() >= sender.accepted

    wait_for("the last action", all_there, 120)
    with open_actions_database(url) as database:
        users = Counter(action.user for part in database.read() for action in part)
    assert users == Counter({f"user-{n}": 1 for n in range(sender.accepted)})

    def learnt() -> bool:
        answer = system.get("/api/v1/computations/feed_model/result")
        return answer.ok and answer.json()["value"]["likes"] == sender.accepted

    wait_for("model of all likes", learnt, 120)
