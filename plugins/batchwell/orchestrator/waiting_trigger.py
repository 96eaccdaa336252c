"""The event trigger: wakes a computation's DAG when requests wait and nobody drains them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook

if TYPE_CHECKING:
    from batchwell.async_store import AsyncStore
    from batchwell.work_records import Demand

POLL_SECONDS = 5.0
_MAX_DELAY_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one look at the store showed of the computations that rang or were due."""

    store: AsyncStore
    demands: dict[str, Demand]


class RequestsWaitingTrigger(BaseEventTrigger):
    """Fires while requests wait undrained; it only wakes, it consumes nothing.

    All computations of a triggerer share one poll of the store. A ring on the store's channel is
    looked at at once; the level (how many wait, how many workers live) is read every few
    seconds, so that a lost ring costs that delay and no work.
    """

    _watched: ClassVar[defaultdict[str, Counter[str]]] = defaultdict(Counter)

    def __init__(
        self, *, computation: str, workers: int = 1, redis_conn_id: str = DEFAULT_CONNECTION
    ) -> None:
        """Watch ``computation``, which ``workers`` may drain at once."""
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow declares no types
        self.computation = computation
        self.workers = workers
        self.redis_conn_id = redis_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and arguments; they identify the watcher, so never rename one."""
        return (
            "batchwell.orchestrator.waiting_trigger.RequestsWaitingTrigger",
            {
                "computation": self.computation,
                "workers": self.workers,
                "redis_conn_id": self.redis_conn_id,
            },
        )

    def shared_stream_key(self) -> Hashable:
        """Share one poll among all triggers of a connection."""
        return ("batchwell", self.redis_conn_id)

    @classmethod
    async def open_shared_stream(cls, kwargs: dict[str, Any]) -> AsyncIterator[Look]:
        """Look at the watched computations, for ever; ride out a store that is away."""
        from batchwell.errors import StoreUnavailable

        redis_conn_id = kwargs["redis_conn_id"]
        delay_seconds = 1.0
        while True:
            try:
                async for look in cls._looks(redis_conn_id):
                    delay_seconds = 1.0
                    yield look
            except StoreUnavailable as error:
                cls.logger().warning("waiting for the store: %s", error)
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(delay_seconds * 2, _MAX_DELAY_SECONDS)

    @classmethod
    async def _looks(cls, redis_conn_id: str) -> AsyncIterator[Look]:
        watched = cls._watched[redis_conn_id]
        store = await BatchwellHook(redis_conn_id).get_async_store()
        async with contextlib.aclosing(store.client):
            bell = await store.listen()
            async with contextlib.aclosing(bell):
                names: set[str] = set()
                known: set[str] = set()
                poll_at = 0.0
                while True:
                    now = time.monotonic()
                    if now >= poll_at:
                        names, poll_at = set(watched), now + POLL_SECONDS
                        await store.unwatch(known - names)
                        known = names
                    if names:
                        yield Look(store=store, demands=await store.demands(sorted(names)))
                    left_seconds = max(0.0, poll_at - time.monotonic())
                    names = await store.heard(bell, left_seconds) & set(watched)

    async def filter_shared_stream(
        self, shared_stream: AsyncIterator[Look]
    ) -> AsyncIterator[TriggerEvent]:
        """Turn demand for this computation into events, at the pacer's pace."""
        from batchwell.errors import StoreUnavailable
        from batchwell.orchestrator.pacing import Pacer

        pacer = Pacer(self.workers)
        watched = self._watched[self.redis_conn_id]
        watched[self.computation] += 1
        try:
            async for look in shared_stream:
                demand = look.demands.get(self.computation)
                if demand is not None and pacer.is_due(demand, time.monotonic()):
                    with contextlib.suppress(StoreUnavailable):  # noted for people, no more
                        await look.store.wake(self.computation)
                    yield TriggerEvent({"computation": self.computation, "waiting": demand.waiting})
        finally:
            watched[self.computation] -= 1
            watched += Counter()  # drops names that nobody watches any more

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Watch without sharing, as outside the triggerer."""
        _, kwargs = self.serialize()
        async for event in self.filter_shared_stream(self.open_shared_stream(kwargs)):
            yield event
