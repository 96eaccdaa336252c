from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from batchwell import Computation, keys
from batchwell.orchestrator import waiting_trigger
from batchwell.orchestrator.waiting_trigger import RequestsWaitingTrigger
from batchwell.outlook import is_watched
from batchwell.store import Store
from tests.integration.orchestrator.fired import events_of
from tests.servers import StoreServer

Doubled = Computation[Any, Any]


def test_fires_at_once_for_a_request_that_nobody_drains(store: Store, doubled: Doubled) -> None:
    async def scenario() -> float:
        async with events_of(RequestsWaitingTrigger(computation="doubled")) as events:
            await asyncio.sleep(0.3)
            assert events.empty()
            started = time.monotonic()
            store.submit(doubled, [doubled.parse({"n": 1})])
            payload = await asyncio.wait_for(events.get(), 5)
            assert payload == {"computation": "doubled", "waiting": 1}
            return time.monotonic() - started

    assert asyncio.run(scenario()) < 0.5


def test_fires_for_requests_that_waited_before_it_began(store: Store, doubled: Doubled) -> None:
    async def scenario() -> None:
        store.submit(doubled, [doubled.parse({"n": n}) for n in range(3)])
        async with events_of(RequestsWaitingTrigger(computation="doubled")) as events:
            payload = await asyncio.wait_for(events.get(), 5)
            assert payload["waiting"] == 3

    asyncio.run(scenario())


def test_a_lost_ring_costs_delay_and_no_work(
    store: Store, doubled: Doubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_trigger, "POLL_SECONDS", 0.5)

    async def scenario() -> None:
        async with events_of(RequestsWaitingTrigger(computation="doubled")) as events:
            await asyncio.sleep(0.2)
            store.client.set(f"{keys.root(store.namespace, 'doubled')}:rung", 1)
            store.submit(doubled, [doubled.parse({"n": 1})])
            await asyncio.wait_for(events.get(), 3)

    asyncio.run(scenario())


def test_is_quiet_while_a_live_worker_drains(
    store: Store, doubled: Doubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_trigger, "POLL_SECONDS", 0.1)

    async def scenario() -> None:
        store.enlist(doubled, "worker", worker_seconds=60)
        store.submit(doubled, [doubled.parse({"n": 1})])
        async with events_of(RequestsWaitingTrigger(computation="doubled")) as events:
            await asyncio.sleep(0.6)
            assert events.empty()
            store.retire(doubled, "worker", when="now")
            await asyncio.wait_for(events.get(), 12)

    asyncio.run(scenario())


def test_fires_once_and_not_at_every_look(
    store: Store, doubled: Doubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_trigger, "POLL_SECONDS", 0.05)

    async def scenario() -> None:
        async with events_of(RequestsWaitingTrigger(computation="doubled")) as events:
            for n in range(10):
                store.submit(doubled, [doubled.parse({"n": n})])
                await asyncio.sleep(0.05)
            await asyncio.wait_for(events.get(), 5)
            assert events.empty()

    asyncio.run(scenario())


def test_two_computations_share_one_connection_and_do_not_wake_each_other(
    store: Store, doubled: Doubled
) -> None:
    triggers = [RequestsWaitingTrigger(computation=name) for name in ("doubled", "other")]
    assert triggers[0].shared_stream_key() == triggers[1].shared_stream_key()

    async def scenario() -> None:
        async with events_of(triggers[0]) as events, events_of(triggers[1]) as others:
            await asyncio.sleep(0.3)
            store.submit(doubled, [doubled.parse({"n": 1})])
            await asyncio.wait_for(events.get(), 5)
            assert others.empty()

    asyncio.run(scenario())


def test_rides_out_a_store_that_is_away(
    own_server: StoreServer, doubled: Doubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_BATCHWELL_REDIS", f"redis://127.0.0.1:{own_server.port}")
    own_server.stop()

    async def scenario() -> None:
        async with events_of(RequestsWaitingTrigger(computation="doubled")) as events:
            await asyncio.sleep(0.5)
            await asyncio.to_thread(own_server.start)
            from batchwell.connection import connect

            with connect(own_server.url) as client:
                Store(client).submit(doubled, [doubled.parse({"n": 1})])
            await asyncio.wait_for(events.get(), 30)

    asyncio.run(scenario())


def test_its_arguments_are_plain_and_rebuild_it(doubled: Doubled) -> None:
    path, kwargs = RequestsWaitingTrigger(computation="doubled", workers=3).serialize()
    assert path.rpartition(".")[2] == RequestsWaitingTrigger.__name__
    assert RequestsWaitingTrigger(**kwargs).serialize() == (path, kwargs)


async def until(what: Callable[[], bool], seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.05)


def test_what_it_does_is_noted_for_those_who_wait(
    store: Store, doubled: Doubled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_trigger, "POLL_SECONDS", 0.1)

    async def scenario() -> None:
        async with events_of(RequestsWaitingTrigger(computation="other")):
            async with events_of(RequestsWaitingTrigger(computation="doubled")) as events:
                await until(lambda: is_watched(store.attention("doubled")))
                assert store.attention("doubled").woken_at is None
                store.submit(doubled, [doubled.parse({"n": 1})])
                await asyncio.wait_for(events.get(), 5)
                woken_at = store.attention("doubled").woken_at
                assert woken_at is not None
                await asyncio.sleep(0.5)  # some looks of the other
            await until(lambda: store.attention("doubled").unwatched_at is not None)
            assert is_watched(store.attention("other"))
            assert store.attention("doubled").woken_at == woken_at

    asyncio.run(scenario())


def test_how_long_a_worker_takes_to_come_is_measured_from_the_first_wake(
    store: Store, doubled: Doubled
) -> None:
    async def scenario() -> None:
        async with events_of(RequestsWaitingTrigger(computation="doubled")) as events:
            store.submit(doubled, [doubled.parse({"n": 1})])
            await asyncio.wait_for(events.get(), 5)

    asyncio.run(scenario())
    meta = f"{keys.root(store.namespace, 'doubled')}:meta"
    store.client.hincrby(meta, "woken_at", -4000)
    store.enlist(doubled, "worker", worker_seconds=15)
    attention = store.attention("doubled")
    assert attention.start_seconds == pytest.approx(4, abs=2)
    assert (attention.workers, attention.woken_at) == (1, None)
