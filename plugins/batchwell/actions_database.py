"""The database of actions: what collectors write to and computations learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from batchwell.action_log import Action


class ActionsDatabase(AbstractContextManager["ActionsDatabase"], Protocol):
    """Keeps each action once, whoever brings it and however often.

    Closed at the end of its ``with`` block. All verbs raise `ActionsUnavailable`.
    """

    def add(self, actions: Sequence[Action]) -> int:
        """Keep actions; return how many were new.

        One is known by its user and id: another of the same changes nothing. All or nothing.
        """
        ...

    def read(self) -> Iterator[Sequence[Action]]:
        """Yield all actions, thousands at a time, in no order."""
        ...

    def count(self) -> int:
        """Return how many there are."""
        ...


def open_actions_database(url: str) -> ActionsDatabase:
    """Open the database of a URL as SQLAlchemy spells it; raise `SettingsError` for another.

    Makes its table where there is none yet.
    """
    from batchwell.sql_actions import SqlActions

    return SqlActions(url)
