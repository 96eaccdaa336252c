"""The trigger of a `ScaleOutOperator`: looks at the backlog, in no process of its own."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TaskSkippedEvent, TriggerEvent

from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook


class BacklogTrigger(BaseTrigger):
    """Skips its task when the backlog deserves no helpers, else resumes it with their number."""

    def __init__(
        self, *, computation: str, workers: int, redis_conn_id: str = DEFAULT_CONNECTION
    ) -> None:
        """Look at ``computation``, which ``workers`` may drain at once."""
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow declares no types
        self.computation = computation
        self.workers = workers
        self.redis_conn_id = redis_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and arguments."""
        return (
            "batchwell.orchestrator.backlog_trigger.BacklogTrigger",
            {
                "computation": self.computation,
                "workers": self.workers,
                "redis_conn_id": self.redis_conn_id,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event. Fails when the store is away: the task then looks for itself."""
        from batchwell.scaling import wanted_helpers

        store = await BatchwellHook(self.redis_conn_id).get_async_store()
        async with contextlib.aclosing(store.client):
            demand = await store.demand(self.computation)
        helpers = wanted_helpers(demand, self.workers)
        yield TriggerEvent({"helpers": helpers}) if helpers else TaskSkippedEvent()
