"""A Redis Cluster: each computation on the node of its slot, wherever that moves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from redis.crc import key_slot

from batchwell import Computation, keys
from batchwell.connection import check_durable, connect
from batchwell.errors import StoreRefuses, StoreUnavailable
from batchwell.records import Status
from batchwell.store import Store
from tests.clusters import COMPUTATIONS, ClusterNode, Move, StoreCluster, first, second, until
from tests.integration.core.samples import claim, complete, numbers, params, status, submit
from tests.integration.core.test_store_keys import use_every_verb
from tests.servers import free_port


@pytest.fixture(scope="module")
def cluster(store_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreCluster]:
    """A cluster whose first node has a replica; put back what you move."""
    cluster = StoreCluster(store_program, tmp_path_factory.mktemp("cluster"), has_replica=True)
    cluster.start()
    yield cluster
    cluster.kill()


@pytest.fixture
def store(cluster: StoreCluster, namespace: str) -> Iterator[Store]:
    with connect(cluster.url, timeout_seconds=1.0) as client:
        yield Store(client, namespace=namespace)


@pytest.fixture
def move(cluster: StoreCluster) -> Iterator[Move]:
    """Moves the slot of `second`, which is brought back after the test."""
    move = Move(cluster, keys.root("", second.name))
    yield move
    move.back()


def home(cluster: StoreCluster, computation: Computation[Any, Any]) -> ClusterNode:
    return cluster.home(keys.root("", computation.name))


def test_every_verb_runs_within_the_computations_slot(store: Store, cluster: StoreCluster) -> None:
    use_every_verb(store)
    found: list[bytes] = []
    for node in cluster.nodes:
        with Redis.from_url(node.url) as client:
            found += client.scan_iter(f"{store.namespace}:*", count=1000)
    assert len(found) > 10
    assert {key_slot(name) for name in found} == {key_slot(b"echo"), key_slot(b"~actions")}
    assert store.warnings() == []


def test_computations_on_different_nodes_work_beside_each_other(
    store: Store, cluster: StoreCluster
) -> None:
    assert len({home(cluster, each).port for each in COMPUTATIONS}) == 3
    for each in COMPUTATIONS:
        (request,) = submit(store, 7, computation=each)
        assert complete(store, claim(store, computation=each), computation=each) == 1
        assert status(store, request, each) is Status.SUCCEEDED
        assert store.read(each, params(7, computation=each)[0]) is not None
    measures = store.measure(COMPUTATIONS)
    assert [measures[each.name].ended[Status.SUCCEEDED] for each in COMPUTATIONS] == [1, 1, 1]


def test_any_node_that_is_up_leads_to_all(cluster: StoreCluster, namespace: str) -> None:
    for node in cluster.nodes:
        url = f"redis://127.0.0.1:{free_port()},127.0.0.1:{node.port}?cluster=true"
        with connect(url) as client:
            outcome = Store(client, namespace=namespace).submit(second, params(1))[0].outcome
            assert outcome == ("created" if node is cluster.nodes[0] else "attached")


def test_what_changes_anywhere_is_told_everywhere(store: Store) -> None:
    with store.changes() as changes:
        assert changes.hear(5).is_new
        for each in COMPUTATIONS:
            submit(store, 1, computation=each)
            claim(store, computation=each)
            assert each.name in changes.hear(5).tokens


def test_durable_submit_waits_for_the_disk_of_its_own_node(
    cluster: StoreCluster, namespace: str
) -> None:
    with connect(cluster.url) as client:
        if "valkey" not in cluster.program:
            pytest.skip("Redis 7.0 has no WAITAOF")
        check_durable(client)
        store = Store(client, namespace=namespace, durable=True)
        submit(store, 1, computation=second)
        node = home(cluster, second)
        node.ask("CONFIG SET", "appendfsync", "no")
        try:
            with pytest.raises(StoreUnavailable, match="on disk"):
                submit(store, 2, computation=second)
            for each in COMPUTATIONS:
                if home(cluster, each) is not node:
                    submit(store, 1, computation=each)
        finally:
            node.ask("CONFIG SET", "appendfsync", "everysec")


def test_node_that_is_asked_as_if_alone_says_what_to_set(
    cluster: StoreCluster, namespace: str
) -> None:
    for node in cluster.nodes:
        with connect(node.url) as client:
            store = Store(client, namespace=namespace)
            assert any("?cluster=true" in told for told in store.warnings())
            for each in COMPUTATIONS:
                if home(cluster, each) is not node:
                    with pytest.raises(StoreRefuses, match=r"\?cluster=true"):
                        store.count(each)
            with pytest.raises(StoreRefuses, match=r"\?cluster=true"):
                store.measure(COMPUTATIONS)


def test_computation_moves_to_another_node_and_nothing_is_lost(store: Store, move: Move) -> None:
    (ended,) = submit(store, 1, computation=second)
    complete(store, claim(store, computation=second), computation=second)
    waiting = submit(store, 2, 3, computation=second)
    move.begin()
    for _ in range(2):  # before anything was carried, and with a part of it at either end
        for ask in (
            lambda: store.submit(second, params(4)),
            lambda: claim(store, computation=second),
            lambda: store.count(second),
            lambda: store.measure(COMPUTATIONS),
        ):
            with pytest.raises(StoreUnavailable, match="being moved"):
                ask()
        assert store.count(first).pending == 0, "the others are served meanwhile"
        move.carry(2)
    move.end()
    assert store.count(second).pending == 2
    assert status(store, ended, second) is Status.SUCCEEDED
    assert sorted(numbers(claim(store, computation=second).claims)) == [2, 3]
    assert [status(store, one, second) for one in waiting] == [Status.RUNNING] * 2
    assert len(store.measure(COMPUTATIONS)) == 3


def test_worker_that_lingers_hears_the_bell_of_the_new_node(
    store: Store, cluster: StoreCluster, move: Move
) -> None:
    rang: list[bool] = []

    def linger() -> None:
        with connect(cluster.url) as client:
            rang.append(Store(client, namespace=store.namespace).wait(second, 4))

    worker = threading.Thread(target=linger)
    worker.start()
    until(lambda: any(one["cmd"] == "blpop" for one in move.source.ask("CLIENT LIST")))
    move.begin()
    move.end()
    store.enlist(second, "worker", worker_seconds=15)
    submit(store, 1, computation=second)
    worker.join(5)
    assert rang == [True]


def test_replica_that_takes_over_has_what_was_asked(store: Store, cluster: StoreCluster) -> None:
    assert cluster.replica is not None
    (moved,) = [each for each in COMPUTATIONS if home(cluster, each) is cluster.nodes[0]]
    (request,) = submit(store, 1, computation=moved)
    with store.changes() as changes:
        changes.hear(5)
        cluster.fail_over()
        with pytest.raises(StoreUnavailable):
            store.count(moved)
        until(lambda: is_served(store, moved))
        assert status(store, request, moved) is Status.PENDING
        assert complete(store, claim(store, computation=moved), computation=moved) == 1
        store.ping()
    with store.changes() as changes:
        assert changes.hear(5).is_new
    with connect(cluster.url) as client:  # whose first seed is away
        other = Store(client, namespace=store.namespace)
        until(lambda: is_served(other, moved))  # the nodes hear of it one after the other
        assert other.count(moved).succeeded == 1
    cluster.recover()
    assert status(store, request, moved) is Status.SUCCEEDED


def is_served(store: Store, computation: Computation[Any, Any]) -> bool:
    try:
        store.count(computation)
    except StoreUnavailable:
        return False
    return True
