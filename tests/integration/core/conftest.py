"""Fixtures of the core's integration tests: a store on a real server, its clock, a second door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from batchwell.store import Store, connect
from tests.integration.core.clock import Clock
from tests.integration.core.samples import echo
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
def redis(server: StoreServer) -> Iterator[Redis]:
    """A client beside the store, to look at what it wrote."""
    with Redis.from_url(server.url, decode_responses=True) as client:
        yield client


@pytest.fixture
def clock(store: Store) -> Clock:
    """Moves time for the computation `echo`."""
    return Clock(store, echo)
