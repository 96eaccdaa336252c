"""Every thread of a process may ask the store at the same moment."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from redis import Redis

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


def test_child_that_is_forked_while_a_thread_takes_a_connection_does_not_hang(
    own_server: StoreServer,
) -> None:
    with connect(own_server.url) as client:
        assert isinstance(client, Redis)
        client.ping()
        held, over = threading.Event(), threading.Event()

        def hold() -> None:
            with client.connection_pool._lock:
                held.set()
                over.wait()

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait()
        child = os.fork()
        if not child:
            os._exit(0 if client.ping() else 1)
        over.set()
        holder.join()
        try:
            deadline = time.monotonic() + 20
            while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                assert time.monotonic() < deadline, "it hangs"
                time.sleep(0.01)
        finally:
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
