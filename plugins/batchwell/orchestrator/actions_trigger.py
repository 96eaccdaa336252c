"""The event trigger of the log of actions: wakes its DAG when actions wait to be collected."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook

if TYPE_CHECKING:
    from batchwell.store.acting import Intake

POLL_SECONDS = 1.0
_MAX_DELAY_SECONDS = 30.0


class ActionsWaitingTrigger(BaseEventTrigger):
    """Fires while actions wait and nobody collects them; it only wakes, it takes nothing.

    It looks once a second, and fires for ``enough`` of them at once, for fewer when the first has
    waited for ``max_wait_seconds``. Until somebody collects it fires again, ever less often.
    """

    def __init__(
        self, *, enough: int, max_wait_seconds: float, redis_conn_id: str = DEFAULT_CONNECTION
    ) -> None:
        """Watch the log of actions."""
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow declares no types
        self.enough = enough
        self.max_wait_seconds = max_wait_seconds
        self.redis_conn_id = redis_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and arguments; they identify the watcher, so never rename one."""
        return (
            "batchwell.orchestrator.actions_trigger.ActionsWaitingTrigger",
            {
                "enough": self.enough,
                "max_wait_seconds": self.max_wait_seconds,
                "redis_conn_id": self.redis_conn_id,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look for ever; ride out a store that is away."""
        from batchwell.errors import StoreUnavailable
        from batchwell.orchestrator.pacing import Spacing

        spacing, collected, delay_seconds = Spacing(), -1, 1.0
        while True:
            try:
                async for intake in self._looks():
                    now, delay_seconds = time.monotonic(), 1.0
                    if intake.collectors or intake.collected != collected:
                        collected = intake.collected
                        spacing.restart(now)  # somebody collects, or did
                    if self._is_due(intake) and spacing.lets_through(now):
                        yield TriggerEvent({"waiting": intake.waiting})
            except StoreUnavailable as error:
                self.log.warning("waiting for the store: %s", error)
                await asyncio.sleep(delay_seconds)
                delay_seconds = min(delay_seconds * 2, _MAX_DELAY_SECONDS)

    async def _looks(self) -> AsyncIterator[Intake]:
        store = await BatchwellHook(self.redis_conn_id).get_async_store()
        async with contextlib.aclosing(store.client):
            while True:
                yield await store.intake()
                await asyncio.sleep(POLL_SECONDS)

    def _is_due(self, intake: Intake) -> bool:
        if intake.collectors or not intake.waiting:
            return False
        is_late = not 0 <= intake.oldest_seconds < self.max_wait_seconds
        return intake.waiting >= self.enough or is_late
