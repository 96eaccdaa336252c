"""Every thread of a process may ask the store at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from batchwell.connection import connect
from batchwell.store import Store
from tests.integration.core.samples import echo
from tests.servers import StoreServer

THREADS = 150


def test_a_crowd_of_threads_shares_the_connections_and_all_are_answered(
    server: StoreServer, namespace: str
) -> None:
    with connect(server.url) as client, ThreadPoolExecutor(THREADS) as pool:
        store = Store(client, namespace=namespace)
        counts = [pool.submit(store.count, echo) for _ in range(10 * THREADS)]
        assert all(count.result().pending == 0 for count in counts)
