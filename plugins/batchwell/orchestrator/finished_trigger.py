"""The trigger of a deferred `SubmitOperator`: fires once all its requests have ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook


class RequestsFinishedTrigger(BaseTrigger):
    """Polls the status of requests until each is terminal, or its record is gone."""

    def __init__(
        self,
        *,
        request_ids: list[str],
        poll_seconds: float = 2.0,
        redis_conn_id: str = DEFAULT_CONNECTION,
    ) -> None:
        """Wait for ``request_ids``."""
        super().__init__()  # type: ignore[no-untyped-call]  # Airflow declares no types
        self.request_ids = request_ids
        self.poll_seconds = poll_seconds
        self.redis_conn_id = redis_conn_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and arguments."""
        return (
            "batchwell.orchestrator.finished_trigger.RequestsFinishedTrigger",
            {
                "request_ids": self.request_ids,
                "poll_seconds": self.poll_seconds,
                "redis_conn_id": self.redis_conn_id,
            },
        )

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield one event: how many requests have ended."""
        from batchwell.errors import StoreUnavailable

        open_ids = list(self.request_ids)
        store = await BatchwellHook(self.redis_conn_id).get_async_store()
        async with contextlib.aclosing(store.client):
            while open_ids:
                try:
                    statuses = await store.statuses(open_ids)
                except StoreUnavailable as error:
                    self.log.warning("waiting for the store: %s", error)
                else:
                    open_ids = [
                        request_id
                        for request_id, status in statuses.items()
                        if status is not None and not status.is_terminal
                    ]
                if open_ids:
                    await asyncio.sleep(self.poll_seconds)
        yield TriggerEvent({"finished": len(self.request_ids)})
