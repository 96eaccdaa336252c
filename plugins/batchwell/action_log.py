"""What people do with items: how an author declares it, and reads what was collected."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from batchwell.errors import DefinitionError

ACTIONS = "actions"
"""The name of the one log there is; no computation has it."""


class Action(NamedTuple):
    """Something that a user did with an item.

    ``at_ms`` is when, in Unix milliseconds; ``id`` tells it from all other actions of the user. A
    tuple, as thousands a second go from one process to another.
    """

    user: str
    item: str
    action: str
    id: str
    at_ms: int


@dataclass(frozen=True, kw_only=True)
class ActionLog:
    """The actions that the web app takes in and Airflow collects; one for all computations.

    A computation that has it in ``depends_on`` is recomputed when enough new ones have come.

    - ``items``: the ids of all items; an action with any other is refused.
    - ``kinds``: what may be done with one, such as ``("view", "like")``.
    - ``announce_every``: after so many collected actions those who depend on them are told.
    - ``max_wait``: how long an action waits at most until Airflow is woken to collect it.
    - ``max_waiting``: most actions that may wait; more are refused.
    - ``user_limit``: most actions of one user in a minute.
    - ``oldest``: how long ago an action may have happened.

    Raises `DefinitionError` naming what cannot be used.
    """

    items: frozenset[str]
    kinds: tuple[str, ...] = ("view", "like")
    announce_every: int = 1000
    max_wait: timedelta = timedelta(seconds=2)
    max_waiting: int = 1_000_000
    user_limit: int = 600
    oldest: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        """Check each."""
        for name, kind in (("items", frozenset), ("kinds", tuple)):
            value = getattr(self, name)
            if isinstance(value, str) or not isinstance(value, Iterable):
                raise _misfit(name, "several texts", value)
            try:
                object.__setattr__(self, name, kind(value))
            except TypeError:  # what no set can hold is no text
                raise _misfit(name, "several texts", value) from None
        for name in ("announce_every", "max_waiting", "user_limit"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise _misfit(name, "a whole number of at least 1", value)
        for name in ("max_wait", "oldest"):
            value = getattr(self, name)
            if not isinstance(value, timedelta) or value <= timedelta(0):
                raise _misfit(name, "a positive time", value)
        if not self.kinds or not all(_is_word(kind) for kind in self.kinds):
            raise _misfit("kinds", "names in lower_case", self.kinds)
        if not self.items or not all(map(_is_item, self.items)):
            unfit = [item for item in self.items if not _is_item(item)]
            raise _misfit("items", "texts of 1 to 128 visible characters", unfit[:3])

    def __repr__(self) -> str:
        return f"<ActionLog of {len(self.items)} items>"

    @property
    def name(self) -> str:
        """What those who depend on it know it by."""
        return ACTIONS

    def read(self) -> Iterator[Sequence[Action]]:
        """Yield all actions that were collected, thousands at a time, in no order.

        Raises `ActionsUnavailable` when the database (BATCHWELL_ACTIONS_URL) does not answer.
        """
        from batchwell.actions_database import open_actions_database
        from batchwell.settings import Settings

        with open_actions_database(Settings.from_env().actions_url) as database:
            yield from database.read()


def _is_word(kind: object) -> bool:
    return isinstance(kind, str) and re.fullmatch("[a-z][a-z0-9_]{0,31}", kind) is not None


def _is_item(item: object) -> bool:
    if not isinstance(item, str) or not 0 < len(item) <= 128:
        return False
    return item.isprintable() and item == item.strip()


def _misfit(name: str, wanted: str, value: object) -> DefinitionError:
    return DefinitionError(f"ActionLog: {name} must be {wanted}, not {value!r}")
