"""Airflow's side on a Redis Cluster, named by the extra of the connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from batchwell import Computation, drain, keys
from batchwell.async_store import AsyncStore
from batchwell.errors import StoreRefuses, StoreUnavailable
from batchwell.orchestrator.hook import BatchwellHook
from batchwell.orchestrator.waiting_trigger import RequestsWaitingTrigger
from batchwell.records import Status
from batchwell.store import Store
from tests.clusters import COMPUTATIONS, Move, StoreCluster, first, second
from tests.integration.orchestrator.fired import events_of
from tests.servers import StoreServer, free_port

NAMES = [each.name for each in COMPUTATIONS]


def connect_to(port: int, monkeypatch: pytest.MonkeyPatch, **extra: object) -> None:
    connection = {"conn_type": "redis", "host": "127.0.0.1", "port": port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_BATCHWELL_REDIS", json.dumps(connection))


@pytest.fixture
def store(
    store_cluster: StoreCluster, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """What a task opens; of the nodes that the connection names the first is away."""
    nodes = ",".join(f"127.0.0.1:{node.port}" for node in store_cluster.nodes)
    connect_to(free_port(), monkeypatch, cluster=True, startup_nodes=nodes, namespace=namespace)
    store = BatchwellHook().get_store()
    yield store
    store.client.close()


def submit(store: Store, each: Computation[Any, Any], n: int) -> str:
    request = store.submit(each, [each.parse({"n": n})])[0].request
    assert request
    return request


@contextlib.asynccontextmanager
async def opened() -> Any:
    store = await BatchwellHook().get_async_store()
    async with contextlib.aclosing(store.client):
        yield store


def test_trigger_fires_at_once_for_computations_on_all_nodes(store: Store) -> None:
    async def scenario() -> list[Any]:
        async with contextlib.AsyncExitStack() as stack:
            watching = [
                await stack.enter_async_context(events_of(RequestsWaitingTrigger(computation=name)))
                for name in NAMES
            ]
            await asyncio.sleep(0.5)
            for each in COMPUTATIONS:
                await asyncio.to_thread(submit, store, each, 1)
            return [await asyncio.wait_for(events.get(), 3) for events in watching]

    assert asyncio.run(scenario()) == [{"computation": name, "waiting": 1} for name in NAMES]


def test_task_drains_what_the_sensor_sees_end(store: Store) -> None:
    ids = [submit(store, each, 1) for each in COMPUTATIONS]
    assert drain.drain(store, first, linger_seconds=0).succeeded == 1

    async def scenario() -> Any:
        async with opened() as asking:
            return await asking.statuses(ids)

    assert list(asyncio.run(scenario()).values()) == [
        Status.SUCCEEDED,
        Status.PENDING,
        Status.PENDING,
    ]


def test_trigger_follows_a_slot_once_it_has_moved(
    store: Store, store_cluster: StoreCluster
) -> None:
    submit(store, second, 1)
    move = Move(store_cluster, keys.root("", second.name))

    async def waiting(asking: AsyncStore) -> list[int]:
        return [demand.waiting for demand in (await asking.demands(NAMES)).values()]

    async def scenario() -> None:
        async with opened() as asking:
            assert await waiting(asking) == [0, 1, 0]
            move.begin()
            assert list(await asking.demands(NAMES)) == ["first", "ninth"], "it keeps none up"
            with pytest.raises(StoreUnavailable, match="being moved"):
                await asking.demands(["second"])
            move.end()
            assert await waiting(asking) == [0, 1, 0]

    asyncio.run(scenario())
    move.back()
    assert store.demand(second.name).waiting == 1


def test_connection_that_says_the_wrong_thing_is_told(
    store_cluster: StoreCluster, server: StoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> None:
        async with opened() as asking:
            await asking.demands(NAMES)

    connect_to(store_cluster.nodes[0].port, monkeypatch)
    with pytest.raises(StoreRefuses, match='"cluster": true'):
        asyncio.run(ask())
    connect_to(server.port, monkeypatch, cluster=True)
    with pytest.raises(StoreRefuses, match="take cluster"):
        asyncio.run(ask())
    with pytest.raises(StoreRefuses, match="take cluster"):
        BatchwellHook().get_store().count(first)
