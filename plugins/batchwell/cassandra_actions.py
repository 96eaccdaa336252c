"""Actions in Apache Cassandra, by lightweight transactions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from cassandra import (
    ConsistencyLevel,
    DriverException,
    InvalidRequest,
    ProtocolVersion,
    UnresolvableContactPoints,
)
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
from cassandra.concurrent import execute_concurrent
from cassandra.connection import ConnectionException
from cassandra.policies import (
    ConstantReconnectionPolicy,
    DCAwareRoundRobinPolicy,
    TokenAwarePolicy,
)
from cassandra.protocol import ErrorMessage
from cassandra.query import BatchStatement, BatchType, PreparedStatement, SimpleStatement

from batchwell.action_log import Action
from batchwell.errors import ActionsUnavailable, SettingsError

_PORT = 9042
_PAGE = 10_000
_MOST_ROWS = 1000  # of one partition in one transaction
_CONCURRENCY = 64
_TIMEOUT_SECONDS = 10.0
_DAY_MS = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()

_TABLE = "batchwell_actions"
_CREATE = """CREATE TABLE IF NOT EXISTS {} (
    user text, day date, id text, item text, action text, at_ms bigint,
    PRIMARY KEY ((user, day), id)
)"""
_INSERT = """INSERT INTO {} (user, day, id, item, action, at_ms)
VALUES (?, ?, ?, ?, ?, ?) IF NOT EXISTS"""

_Partitions = dict[tuple[str, date], dict[str, Action]]


class CassandraActions:
    """The `ActionsDatabase` of a keyspace of Cassandra.

    Each action is inserted if it is not there yet, by a transaction of its partition (user, day).
    """

    def __init__(self, url: str) -> None:
        """Connect, and make the table where there is none; raise `SettingsError`."""
        with _database_errors():
            self._cluster, keyspace = _cluster(url)
        self._table = f'"{keyspace}".{_TABLE}'
        try:
            with _database_errors():
                self._session = self._cluster.connect()
                if keyspace not in self._cluster.metadata.keyspaces:
                    told = f"the database of actions has no keyspace {keyspace}"
                    raise ActionsUnavailable(told)
                self._insert = self._prepare(_INSERT.format(self._table))
        except ActionsUnavailable:
            self._cluster.shutdown()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._cluster.shutdown()

    def _prepare(self, query: str) -> PreparedStatement:
        try:
            return self._session.prepare(query)
        except InvalidRequest:  # there is no table, or another is just making it
            self._session.execute(_CREATE.format(self._table))
            return self._session.prepare(query)

    def add(self, actions: Sequence[Action]) -> int:
        """Keep actions, a thousand of a partition in one transaction; return how many were new.

        The number is too low where the answer of a node that died was lost.
        """
        waiting, added = _by_partition(actions), 0
        with _database_errors():
            while waiting:
                for key, (count, known) in zip([*waiting], self._offer(waiting), strict=True):
                    added += count
                    for id in known:
                        del waiting[key][id]
                    if not waiting[key]:
                        del waiting[key]
        return added

    def _offer(self, waiting: _Partitions) -> Iterator[tuple[int, Sequence[str]]]:
        """Try to insert some of each; yield how many were, and the ids that are there now.

        Of those of one partition all are inserted, or none, as some were there before.
        """
        offered = [[*islice(rows.values(), _MOST_ROWS)] for rows in waiting.values()]
        batches = [
            (self._batch(day, rows), ()) for (_, day), rows in zip(waiting, offered, strict=True)
        ]
        answers = execute_concurrent(self._session, batches, concurrency=_CONCURRENCY)
        for rows, (_, answer) in zip(offered, answers, strict=True):
            if answer.was_applied:
                yield len(rows), [row.id for row in rows]
            else:
                yield 0, [row.id for row in answer]

    def _batch(self, day: date, rows: Sequence[Action]) -> BatchStatement:
        batch = BatchStatement(BatchType.UNLOGGED)
        for user, item, action, id, at_ms in rows:
            batch.add(self._insert, (user, day, id, item, action, at_ms))
        return batch

    def read(self) -> Iterator[Sequence[Action]]:
        """Yield all actions, ten thousand at a time."""
        for page in self._pages(", ".join(Action._fields)):
            yield [Action._make(row) for row in page]

    def count(self) -> int:
        """Return how many there are, page by page: one question about all would time out."""
        return sum(map(len, self._pages("day")))

    def _pages(self, columns: str) -> Iterator[Sequence[Any]]:
        query = SimpleStatement(f"SELECT {columns} FROM {self._table}", fetch_size=_PAGE)
        with _database_errors():
            pages = self._session.execute(query)
            yield pages.current_rows
            while pages.has_more_pages:
                pages.fetch_next_page()
                yield pages.current_rows


def _by_partition(actions: Sequence[Action]) -> _Partitions:
    """Sort them by user and day, of each id the first."""
    days: dict[int, date] = {}
    found: _Partitions = defaultdict(dict)
    for action in actions:
        number = action.at_ms // _DAY_MS
        day = days.setdefault(number, date.fromordinal(_EPOCH + number))
        found[action.user, day].setdefault(action.id, action)
    return found


def _cluster(url: str) -> tuple[Cluster, str]:
    """Tell the cluster and the keyspace; an error names the variable, and shows no password."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORT
    except ValueError:
        raise _misfit() from None
    keyspace = parts.path.removeprefix("/")
    hosts = (parts.hostname or "").split(",")
    if not (all(hosts) and re.fullmatch(r"[A-Za-z0-9_]{1,48}", keyspace)) or parts.query:
        raise _misfit()
    login = None
    if parts.username:
        login = PlainTextAuthProvider(unquote(parts.username), unquote(parts.password or ""))
    profile = ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy()),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL,
        request_timeout=_TIMEOUT_SECONDS,
    )
    cluster = Cluster(
        hosts,
        port=port,
        protocol_version=ProtocolVersion.V4,  # each version of the last ten years has it
        auth_provider=login,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        reconnection_policy=ConstantReconnectionPolicy(1.0, max_attempts=None),
        connect_timeout=_TIMEOUT_SECONDS,
        control_connection_timeout=_TIMEOUT_SECONDS,
    )
    return cluster, keyspace


def _misfit() -> SettingsError:
    return SettingsError(
        "BATCHWELL_ACTIONS_URL must be cassandra://[user:password@]host[,host][:port]/keyspace"
    )


@contextmanager
def _database_errors() -> Iterator[None]:
    try:
        yield
    except UnresolvableContactPoints:
        raise ActionsUnavailable("the database of actions does not answer: no such host") from None
    except (ConnectionException, DriverException, ErrorMessage, NoHostAvailable) as error:
        raise ActionsUnavailable(f"the database of actions does not answer: {error}") from error
