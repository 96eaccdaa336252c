"""Every thread of a process may ask the store at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

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


def test_each_wait_for_an_answer_is_within_what_was_given_for_it(
    server: StoreServer, namespace: str
) -> None:
    begun: list[int] = []
    ended: list[int] = []

    @contextmanager
    def waiting() -> Iterator[None]:
        begun.append(1)
        try:
            yield
        finally:
            ended.append(1)

    with connect(server.url, waiting=waiting) as client:
        store = Store(client, namespace=namespace)
        store.ping()  # it connects, too
        before = len(begun)
        assert store.count(echo).pending == 0
        assert len(begun) == len(ended) > before
