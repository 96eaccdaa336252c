"""Collecting: every accepted action gets into the database, exactly once, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchwell import Action, ActionLog
from batchwell.actions_database import open_actions_database
from batchwell.collecting import BATCH, CollectSummary, collect
from batchwell.connection import connect
from batchwell.errors import ActionsUnavailable, StoreUnavailable
from batchwell.store import Store
from batchwell.store.acting import Offered
from tests.servers import CHECKOUT, StoreServer

LOG = ActionLog(items=frozenset({"whale-1"}), user_limit=1_000_000)


@pytest.fixture
def store(server: StoreServer, namespace: str) -> Iterator[Store]:
    with connect(server.url) as client:
        yield Store(client, namespace=namespace)


def accept(store: Store, *ids: int) -> None:
    store.accept_actions(LOG, [Offered("ann", "whale-1", "like", str(one), 1000) for one in ids])


def kept(url: str) -> list[Action]:
    with open_actions_database(url) as database:
        return sorted(
            (action for part in database.read() for action in part), key=lambda a: int(a.id)
        )


def ids(url: str) -> list[int]:
    return [int(action.id) for action in kept(url)]


def run(store: Store, url: str, stop: threading.Event | None = None) -> CollectSummary:
    return collect(store, url, collector="me", most_seconds=30, patience_seconds=0.5, stop=stop)


def test_what_waits_is_moved(store: Store, actions_url: str) -> None:
    accept(store, *range(25_000))
    summary = run(store, actions_url)
    assert (summary.moved, summary.added, summary.batches) == (25_000, 25_000, 3)
    assert ids(actions_url) == list(range(25_000))
    assert kept(actions_url)[7] == Action("ann", "whale-1", "like", "7", 1000)
    intake = store.intake()
    assert (intake.waiting, intake.collected, intake.collectors) == (0, 25_000, 0)


def test_nothing_waits(store: Store, actions_url: str) -> None:
    assert run(store, actions_url).batches == 0


def test_a_repeated_id_adds_nothing(store: Store, actions_url: str) -> None:
    accept(store, 1, 2, 2)
    accept(store, 2, 3)
    assert (run(store, actions_url).added, ids(actions_url)) == (3, [1, 2, 3])


def test_a_batch_whose_collector_died_before_it_could_forget_is_moved_once(
    store: Store, actions_url: str
) -> None:
    accept(store, *range(10))
    gathered = store.gather_actions("dead", count=BATCH, live_seconds=15)
    with open_actions_database(actions_url) as database:
        assert database.add(gathered.actions) == 10
    accept(store, *range(10, 20))
    summary = run(store, actions_url)
    assert (summary.moved, summary.added) == (20, 10)
    assert ids(actions_url) == list(range(20))
    assert store.take_news(1, teller="me") == 20, "nobody was told of what the dead one added"


def test_several_at_once_move_each_action_once(store: Store, actions_url: str) -> None:
    accept(store, *range(60_000))
    done: list[CollectSummary] = []
    threads = [
        threading.Thread(target=lambda: done.append(run(store, actions_url))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(summary.moved for summary in done) == 60_000
    assert sum(summary.added for summary in done) == 60_000
    assert ids(actions_url) == list(range(60_000))
    assert store.intake().waiting == 0


def test_a_database_that_is_away_leaves_all_where_it_is(store: Store, tmp_path: Path) -> None:
    accept(store, 1)
    missing = tmp_path / "later"
    url = f"sqlite:///{missing / 'actions.db'}"
    with pytest.raises(ActionsUnavailable):
        run(store, url)
    assert (store.intake().waiting, store.intake().collectors) == (1, 0)
    seen: list[int] = []

    def come_back() -> None:
        seen.append(store.intake().collectors)
        missing.mkdir()

    threading.Timer(0.2, come_back).start()
    assert run(store, url).added == 1, "it is waited for"
    assert seen == [1], "who waits is known to be there"


def test_a_store_that_is_away_is_waited_for(
    own_server: StoreServer, namespace: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'actions.db'}"
    with connect(own_server.url) as client:
        store = Store(client, namespace=namespace)
        accept(store, 1)
        own_server.kill()
        with pytest.raises(StoreUnavailable):
            run(store, url)
        threading.Timer(0.1, own_server.start).start()
        summary = collect(store, url, collector="me", most_seconds=30, patience_seconds=20)
        assert (summary.added, ids(url)) == (1, [1])


def test_one_that_is_told_to_stop_stops(store: Store, actions_url: str) -> None:
    accept(store, 1)
    stop = threading.Event()
    stop.set()
    assert run(store, actions_url, stop).moved == 0


COLLECTOR = """
import sys
from batchwell.collecting import collect
from batchwell.connection import connect
from batchwell.store import Store

redis_url, namespace, actions_url = sys.argv[1:]
store = Store(connect(redis_url), namespace=namespace)
collect(store, actions_url, collector="victim", most_seconds=30, patience_seconds=30)
print("at work", flush=True)
while True:
    collect(store, actions_url, collector="victim", most_seconds=30, patience_seconds=30)
"""


def test_collectors_killed_at_any_moment_lose_and_repeat_nothing(
    server: StoreServer, store: Store, actions_url: str
) -> None:
    command = [sys.executable, "-c", COLLECTOR, server.url, store.namespace, actions_url]
    env = {**os.environ, "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'plugins'}"}
    first = 0
    for moment in range(6):
        process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"at work\n"
        deadline = time.monotonic() + 0.3 + 0.13 * moment
        while time.monotonic() < deadline:
            accept(store, *range(first, first + 700))
            first += 700
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert store.intake().collected > 0, "they did collect"
    run(store, actions_url)
    assert ids(actions_url) == list(range(first))
    assert (store.intake().waiting, store.intake().collected) == (0, first)
