"""Every thread of a process may ask the store at the same moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from redis import Redis

from batchwell import keys
from batchwell.connection import connect
from batchwell.store import Store
from tests.integration.core.samples import echo
from tests.servers import StoreServer

THREADS = 150


def test_more_threads_than_the_drivers_own_limit_ask_at_once(
    server: StoreServer, namespace: str, redis: Redis
) -> None:
    def blocked() -> int:
        info: Any = redis.info("clients")
        return int(info["blocked_clients"])

    deadline = time.monotonic() + 30
    with (
        connect(server.url, timeout_seconds=60) as client,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        store = Store(client, namespace=namespace)
        waits = [pool.submit(store.wait, echo, 30.0) for _ in range(THREADS)]
        while blocked() < THREADS and time.monotonic() < deadline:
            time.sleep(0.05)
        redis.lpush(keys.doorbell(namespace, echo.name), *["1"] * THREADS)
        assert all(wait.result() for wait in waits)
