"""Databases of actions: one of each kind, empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture(params=["sqlite", "postgresql"])
def actions_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'actions.db'}"
        return
    from sqlalchemy import create_engine, text

    server: PostgresServer = request.getfixturevalue("postgres")
    url = f"postgresql+psycopg2://airflow:secret@127.0.0.1:{server.port}/postgres"
    yield url
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS batchwell_actions"))
    engine.dispose()
