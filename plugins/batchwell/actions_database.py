"""The database of actions: what collectors write to and computations learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from batchwell.action_log import Action
from batchwell.errors import SettingsError


class ActionsDatabase(AbstractContextManager["ActionsDatabase"], Protocol):
    """Keeps each action once, whoever brings it and however often.

    One is known by its user and id, in Cassandra by its day (UTC) too. Closed at the end of its
    ``with`` block. All verbs raise `ActionsUnavailable`.
    """

    def add(self, actions: Sequence[Action]) -> int:
        """Keep actions; return how many were new.

        Another of the same changes nothing. A call that raised may have added a part (a relational
        database: none), which is not new when it comes again: nothing may depend on the number.
        """
        ...

    def read(self) -> Iterator[Sequence[Action]]:
        """Yield all actions, thousands at a time, in no order."""
        ...

    def count(self) -> int:
        """Return how many there are."""
        ...


def open_actions_database(url: str) -> ActionsDatabase:
    """Open the database of a URL, Cassandra's or as SQLAlchemy spells it.

    Makes its table where there is none yet. Raises `SettingsError` for another URL.
    """
    if url.startswith("cassandra:"):
        return _open_cassandra(url)
    from batchwell.sql_actions import SqlActions

    return SqlActions(url)


def _open_cassandra(url: str) -> ActionsDatabase:
    try:
        from batchwell.cassandra_actions import CassandraActions
    except ImportError:
        told = "BATCHWELL_ACTIONS_URL leads to Cassandra: that needs the package cassandra-driver"
        raise SettingsError(told) from None
    return CassandraActions(url)
