"""Run a trigger beside a test, and take what it fires."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger


@contextlib.asynccontextmanager
async def events_of(trigger: BaseEventTrigger) -> AsyncIterator[asyncio.Queue[Any]]:
    """Run the trigger beside the block, and give what it fires."""
    queue: asyncio.Queue[Any] = asyncio.Queue()

    async def collect() -> None:
        async for event in trigger.run():
            await queue.put(event.payload)

    task = asyncio.create_task(collect())
    try:
        yield queue
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
