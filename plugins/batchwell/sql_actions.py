"""Actions in a relational database, by SQLAlchemy Core: SQLite or PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.sql.dml import Insert

from batchwell.action_log import Action
from batchwell.errors import ActionsUnavailable, SettingsError

_CHUNK = 10_000
_BUSY_SECONDS = 30

ACTIONS = Table(
    "batchwell_actions",
    MetaData(),
    Column("user", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("item", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)


_COLUMNS = [ACTIONS.c[name] for name in Action._fields]
_INSERTS: dict[str, Insert] = {
    "sqlite": sqlite.insert(ACTIONS).on_conflict_do_nothing(),
    # A list for each column: one statement, of a size that does not grow with the actions.
    "postgresql": postgresql.insert(ACTIONS)
    .from_select(
        Action._fields,
        select(
            *(
                func.unnest(bindparam(column.name, type_=postgresql.ARRAY(column.type)))
                for column in _COLUMNS
            )
        ),
    )
    .on_conflict_do_nothing(),
}


class SqlActions:
    """The `ActionsDatabase` of a relational database."""

    def __init__(self, url: str) -> None:
        """Connect, and make the table where there is none; raise `SettingsError`."""
        self._engine = _engine(url)
        try:
            with _database_errors():
                self._make_table()
        except ActionsUnavailable:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._engine.dispose()

    def _make_table(self) -> None:
        try:
            ACTIONS.metadata.create_all(self._engine)
        except DBAPIError:  # another may just have made it
            ACTIONS.metadata.create_all(self._engine)

    def add(self, actions: Sequence[Action]) -> int:
        """Keep actions, in one transaction; return how many were new."""
        if not actions:
            return 0
        name, given = self._engine.dialect.name, Action._fields
        values: Any = [dict(zip(given, action, strict=True)) for action in actions]
        if name == "postgresql":
            values = dict(zip(given, map(list, zip(*actions, strict=True)), strict=True))
        with _database_errors(), self._engine.begin() as connection:
            return connection.execute(_INSERTS[name], values).rowcount

    def read(self) -> Iterator[Sequence[Action]]:
        """Yield all actions, ten thousand at a time, in one view of the table."""
        with _database_errors(), self._engine.connect() as connection:
            rows = connection.execution_options(yield_per=_CHUNK).execute(select(*_COLUMNS))
            for part in rows.partitions():
                yield [Action._make(row) for row in part]

    def count(self) -> int:
        """Return how many there are."""
        with _database_errors(), self._engine.connect() as connection:
            return int(connection.scalar(select(func.count()).select_from(ACTIONS)) or 0)


def _engine(url: str) -> Engine:
    """Make the engine; an error names the variable, and shows no password."""
    try:
        parts = make_url(url)
        name = parts.get_backend_name()
        if name not in _INSERTS:
            told = f"BATCHWELL_ACTIONS_URL must lead to SQLite or PostgreSQL, not {name}"
            raise SettingsError(told)
        if name == "sqlite" and not os.path.isabs(parts.database or ""):
            told = "BATCHWELL_ACTIONS_URL must name the whole path: sqlite:////folder/actions.db"
            raise SettingsError(told)
        engine = create_engine(url, pool_pre_ping=True)
    except (ArgumentError, ImportError, NoSuchModuleError, ValueError) as error:
        told = f"BATCHWELL_ACTIONS_URL cannot be used: {type(error).__name__}"
        raise SettingsError(told) from None
    if name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    """Let who reads not wait for who writes, and who writes for one another."""
    connection.execute(f"PRAGMA busy_timeout = {1000 * _BUSY_SECONDS}")
    deadline = time.monotonic() + _BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:  # busy: for that it does not wait itself
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous = FULL")


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise ActionsUnavailable(
            f"the database of actions does not answer: {error.orig}"
        ) from error
    except SQLAlchemyError as error:
        raise ActionsUnavailable(f"the database of actions does not answer: {error}") from error
