"""The least that Airflow needs to be woken by Redis: what the bare asset event is measured with.

It lies in ``config/`` of Airflow's home when it runs. One subscription for ever, no look at what
waits: it loses what is published while it is away.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from redis.asyncio import Redis

CHANNEL = "bare:events"


class BareTrigger(BaseEventTrigger):
    """Turns each message of a channel into an event."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class path and no arguments."""
        return ("bare_trigger.BareTrigger", {})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Yield an event for each message."""
        client = Redis.from_url(os.environ["BATCHWELL_REDIS_URL"], socket_timeout=None)
        async with client, client.pubsub(ignore_subscribe_messages=True) as bell:
            await bell.subscribe(CHANNEL)
            async for message in bell.listen():
                yield TriggerEvent({"data": message["data"].decode()})
