"""The store on a Redis Cluster of three nodes: each computation lives on the node of its slot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.cluster import RedisCluster

from batchwell import Computation, computation, keys
from batchwell.records import Status
from batchwell.store import Store
from tests.integration.core.samples import claim, complete, params, status, submit
from tests.integration.core.test_store_keys import use_every_verb
from tests.servers import StoreServer, free_port

SLOTS = (0, 5461, 10923, 16384)


@computation()
def first(n: int) -> int:
    return n


@computation()
def second(n: int) -> int:
    return n


@computation()
def ninth(n: int) -> int:
    return n


COMPUTATIONS: list[Computation[Any, Any]] = [first, second, ninth]


class ClusterNode(StoreServer):
    """A server in cluster mode."""

    def __init__(self, program: str, folder: Path) -> None:
        self.bus = free_port()
        options = f"--cluster-enabled yes --cluster-port {self.bus}"
        wrapper = folder / "cluster-server"
        wrapper.write_text(f'#!/bin/sh\nexec {program} "$@" {options}\n')
        wrapper.chmod(0o755)
        super().__init__(str(wrapper), folder)


@pytest.fixture(scope="module")
def nodes(store_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The URLs of three nodes that have formed a cluster."""
    with ExitStack() as running:
        servers = [
            _start(store_program, tmp_path_factory.mktemp("node"), running) for _ in range(3)
        ]
        clients = [running.enter_context(Redis.from_url(server.url)) for server in servers]
        for number, (client, (low, high)) in enumerate(zip(clients, pairwise(SLOTS), strict=True)):
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            client.execute_command("CLUSTER ADDSLOTSRANGE", low, high - 1)
        for node in servers[1:]:
            clients[0].execute_command("CLUSTER MEET", "127.0.0.1", node.port, node.bus)
        while not all(_has_formed(client) for client in clients):
            pass
        yield [server.url for server in servers]


def _start(program: str, folder: Path, running: ExitStack) -> ClusterNode:
    node = ClusterNode(program, folder)
    node.start()
    running.callback(node.kill)
    return node


def _has_formed(client: Redis) -> bool:
    info: dict[str, str] = client.execute_command("CLUSTER INFO")
    return info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "3"


@pytest.fixture
def cluster(nodes: list[str]) -> Iterator[RedisCluster]:
    client = RedisCluster.from_url(nodes[0])
    yield client
    client.close()


def test_every_verb_runs_wherever_the_computation_lives(
    cluster: RedisCluster, namespace: str
) -> None:
    store = Store(cluster, namespace=namespace)
    use_every_verb(store)
    assert store.warnings() == []


def test_computations_on_different_nodes_work_beside_each_other(
    cluster: RedisCluster, namespace: str
) -> None:
    store = Store(cluster, namespace=namespace)
    homes = {cluster.get_node_from_key(keys.root(namespace, each.name)) for each in COMPUTATIONS}
    assert len(homes) == 3
    for each in COMPUTATIONS:
        (request,) = submit(store, 7, computation=each)
        assert complete(store, claim(store, computation=each), computation=each) == 1
        assert status(store, request, each) is Status.SUCCEEDED
        result = store.read(each, params(7, computation=each)[0])
        assert result is not None
    assert len(store.measure(COMPUTATIONS)) == 3


def test_client_that_knows_another_node_finds_the_same(nodes: list[str], namespace: str) -> None:
    for url in nodes:
        with RedisCluster.from_url(url) as client:
            store = Store(client, namespace=namespace)
            outcome = store.submit(first, params(1, computation=first))[0].outcome
            assert outcome == ("created" if url == nodes[0] else "attached")
