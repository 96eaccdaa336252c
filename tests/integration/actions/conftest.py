"""Databases of actions: one of each kind, empty."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.acceptance.postgres_server import PostgresServer, find_programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that all tests share."""
    programs = find_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL here")
    server = PostgresServer(programs, "secret")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cassandra_url() -> Iterator[str]:
    """The URL of a keyspace that all tests share, of a server that is there already."""
    server = os.environ.get("BATCHWELL_TEST_CASSANDRA")
    if not server:
        pytest.skip("BATCHWELL_TEST_CASSANDRA is not set: cassandra://127.0.0.1:9042/")
    keyspace = f"test_{secrets.token_hex(6)}"
    replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    _ask_cassandra(server, f"CREATE KEYSPACE {keyspace} WITH replication = {replication}")
    yield f"{server.rstrip('/')}/{keyspace}"
    _ask_cassandra(server, f"DROP KEYSPACE {keyspace}")


def _ask_cassandra(url: str, query: str) -> None:
    from cassandra.cluster import Cluster

    parts = urlsplit(url)
    cluster = Cluster([parts.hostname], port=parts.port or 9042, protocol_version=4)
    try:
        cluster.connect().execute(query, timeout=60)
    finally:
        cluster.shutdown()


@pytest.fixture(params=["sqlite", "postgresql", "cassandra"])
def actions_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'actions.db'}"
    elif request.param == "postgresql":
        yield from _postgres_url(request.getfixturevalue("postgres"))
    else:
        url: str = request.getfixturevalue("cassandra_url")
        yield url
        _ask_cassandra(url, f"DROP TABLE IF EXISTS {urlsplit(url).path[1:]}.batchwell_actions")


def _postgres_url(server: PostgresServer) -> Iterator[str]:
    from sqlalchemy import create_engine, text

    url = f"postgresql+psycopg2://airflow:secret@127.0.0.1:{server.port}/postgres"
    yield url
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS batchwell_actions"))
    engine.dispose()
