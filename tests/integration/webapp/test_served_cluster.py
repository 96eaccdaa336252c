"""The whole on a Redis Cluster: the web app, workers, clients that wait; nodes that change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from batchwell.client import Client, Unavailable
from tests.clusters import Move, StoreCluster
from tests.integration.running import draining, environment, running_web

NAMES = ("second", "ninth")
"""Each is on a node of its own, the first on the one that has a replica."""

COMPUTATIONS = """
import time

from batchwell import computation

""" + "\n".join(
    f"""
@computation()
def {name}(n: int, seconds: float = 0.0) -> int:
    time.sleep(seconds)
    return n * n
"""
    for name in NAMES
)


@pytest.fixture(scope="module")
def url(store_cluster: StoreCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The web app, beside a worker for each computation."""
    env = environment(store_cluster, tmp_path_factory.mktemp("served"), COMPUTATIONS)
    with running_web(env) as url, ExitStack() as workers:
        for name in NAMES:
            workers.enter_context(draining(env, name))
        yield url


@pytest.fixture
def client(url: str) -> Iterator[Client]:
    with Client(url, retry_seconds=20) as client:
        yield client


@pytest.fixture
def move(store_cluster: StoreCluster) -> Iterator[Move]:
    """Moves the slot of `ninth`, which is brought back after the test."""
    move = Move(store_cluster, "{ninth}")
    yield move
    move.back()


def test_what_is_asked_is_computed_on_every_node_and_read(client: Client) -> None:
    for name in NAMES:
        assert client.compute(name, {"n": 4}, timeout=30).value == 16
        assert client.submit(name, {"n": 4}).result is not None
        assert client.result(name, {"n": 4}).state == "fresh"
        client.invalidate(name)
        assert client.result(name, {"n": 4}).state == "stale"
    assert {entry.name for entry in client.computations()} == set(NAMES)


def test_stream_tells_each_change_while_it_happens(client: Client) -> None:
    request = client.submit("second", {"n": 5, "seconds": 0.5}).request
    assert request is not None
    seen = [one.status for one in client.follow(request.id, timeout=30)]
    assert seen[-2:] == ["running", "succeeded"]


def test_computation_whose_slot_moves_is_away_and_then_loses_nothing(
    client: Client, url: str, move: Move
) -> None:
    ids = [
        outcome.request
        for outcome in client.submit_many("ninth", [{"n": n, "seconds": 0.01} for n in range(50)])
    ]
    move.begin()
    with Client(url, retry_seconds=0) as hasty:
        with pytest.raises(Unavailable):
            hasty.submit("ninth", {"n": 1})
        assert hasty.compute("second", {"n": 6}, timeout=30).value == 36
    move.end()
    for n, request_id in enumerate(ids):
        assert client.wait(str(request_id), timeout=30).status == "succeeded"
        assert client.result("ninth", {"n": n, "seconds": 0.01}).value == n * n


def test_stream_and_worker_outlive_the_node_that_they_are_on(
    client: Client, store_cluster: StoreCluster
) -> None:
    ids = [
        outcome.request
        for outcome in client.submit_many("second", [{"n": n, "seconds": 0.1} for n in range(20)])
    ]
    ended: list[str] = []
    waiting = threading.Thread(
        target=lambda: ended.append(client.wait(str(ids[-1]), timeout=60).status)
    )
    waiting.start()
    store_cluster.fail_over()
    try:
        assert client.compute("ninth", {"n": 8}, timeout=60).value == 64
        waiting.join(60)
        assert ended == ["succeeded"]
        assert [client.wait(str(one), timeout=60).status for one in ids] == ["succeeded"] * 20
        assert client.result("second", {"n": 19, "seconds": 0.1}).value == 361
    finally:
        store_cluster.recover()
