"""A log of actions, and its verbs with a test's usual arguments."""

from __future__ import annotations

from batchwell import ActionLog
from batchwell.store import Store
from batchwell.store.acting import Gathered, Offered

LOG = ActionLog(items=frozenset({"whale-1", "cat-1"}), user_limit=5, max_waiting=20)


def offered(*users: str, at_ms: int | None = None, first: int = 0) -> list[Offered]:
    """Return a like of each user, with ids that count up from ``first``."""
    return [
        Offered(user, "whale-1", "like", str(number), at_ms)
        for number, user in enumerate(users, first)
    ]


def gather(store: Store, count: int = 10_000) -> Gathered:
    return store.gather_actions("collector", count=count, live_seconds=15)
