"""Fixtures of the core's integration tests: a store on a real server, its clock, a second door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from redis import Redis
from redis.cluster import RedisCluster

from batchwell import Computation
from batchwell.connection import connect
from batchwell.store import Store
from tests.clusters import StoreCluster
from tests.integration.core.clock import Clock
from tests.integration.core.samples import echo
from tests.integration.core.worker import BRISK, Worker
from tests.integration.core.workloads import TRACE
from tests.receiver import SECRET, Receiver, receiving
from tests.servers import StoreServer


@pytest.fixture
def store(server: StoreServer, namespace: str) -> Iterator[Store]:
    """A store of this test's own namespace on the shared server."""
    client = connect(server.url)
    yield Store(client, namespace=namespace)
    client.close()


@pytest.fixture
def second_store(server: StoreServer, namespace: str) -> Iterator[Store]:
    """The same store through another connection, as another process has it."""
    client = connect(server.url)
    yield Store(client, namespace=namespace)
    client.close()


@pytest.fixture
def own_store(own_server: StoreServer, namespace: str) -> Iterator[Store]:
    """A store on a server that the test may kill; it loses patience soon."""
    client = connect(own_server.url, timeout_seconds=1.0)
    yield Store(client, namespace=namespace)
    client.close()


@pytest.fixture
def redis(server: StoreServer | StoreCluster) -> Iterator[Redis | RedisCluster]:
    """A client beside the store, to look at what it wrote."""
    if isinstance(server, StoreCluster):
        with RedisCluster.from_url(server.nodes[0].url, decode_responses=True) as client:
            yield client
    else:
        with Redis.from_url(server.url, decode_responses=True) as client:
            yield client


@pytest.fixture
def clock(store: Store) -> Clock:
    """Moves time for the computation `echo`."""
    return Clock(store, echo)


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that gets a line for each call of a workload, in whatever process."""
    path = tmp_path / "trace"
    path.touch()
    monkeypatch.setenv(TRACE, str(path))
    return path


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver of webhooks, which drain workers of this test may send to."""
    monkeypatch.setenv("BATCHWELL_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("BATCHWELL_WEBHOOK_ALLOW_PRIVATE", "1")
    with receiving(tmp_path) as receiver:
        yield receiver


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a worker in this process look at its clock often, and lose patience soon."""
    for module, constant, seconds in BRISK:
        monkeypatch.setattr(module, constant, seconds)


class StartWorker(Protocol):
    """Start a worker process for a computation on the shared server, or on another."""

    def __call__(
        self,
        computation: Computation[Any, Any],
        *,
        linger_seconds: float = 0.0,
        brisk: bool = False,
        url: str | None = None,
    ) -> Worker: ...


@pytest.fixture
def start_worker(server: StoreServer, store: Store, trace: Path) -> Iterator[StartWorker]:
    """Start worker processes, which end with the test at the latest."""
    workers: list[Worker] = []

    def start(
        computation: Computation[Any, Any],
        *,
        linger_seconds: float = 0.0,
        brisk: bool = False,
        url: str | None = None,
    ) -> Worker:
        worker = Worker(
            url or server.url,
            store,
            computation,
            linger_seconds=linger_seconds,
            brisk=brisk,
            trace=trace,
        )
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.kill()
