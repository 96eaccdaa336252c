"""The records of those who compute, and of what decides whether they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from batchwell import replies
from batchwell.replies import Fields


class Claim(NamedTuple):
    """A lease on one request.

    ``attempt`` is the fencing token, ``previous`` the last value, ``trace`` the name by which who
    asked knows the request. A tuple, as thousands a second are made.
    """

    token: str
    attempt: int
    params: str
    previous: str = ""
    trace: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """The requests that one worker claimed together, and the generation they are computed in.

    ``left``: how many more waited; ``delivery_due_seconds``: when the next delivery of the
    computation is due, None when none is owed.
    """

    generation: str
    claims: Sequence[Claim]
    left: int = 0
    delivery_due_seconds: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """What a heartbeat told: the tokens that are no longer the worker's, and the next delivery."""

    lost: set[str]
    delivery_due_seconds: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What decides whether a drain is due.

    ``drains`` counts those begun ever; ``first_waits_seconds`` is how long the first in the
    queue has waited; ``deliveries`` are those that are due.
    """

    waiting: int
    workers: int
    drains: int
    item_seconds: float | None
    first_waits_seconds: float
    deliveries: int = 0

    @classmethod
    def decode(cls, reply: Fields) -> Demand:
        """Read the reply of the demand script."""
        waiting, workers, drains, item_ms, since, now, deliveries = map(replies.text, reply)
        return cls(
            waiting=int(waiting),
            workers=int(workers),
            drains=int(drains),
            item_seconds=replies.seconds(item_ms),
            first_waits_seconds=(int(now) - int(since or now)) / 1000,
            deliveries=int(deliveries),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What the dependants of a computation are to be told.

    ``results`` have been written since the last news; ``mark`` numbers the news; ``is_first``:
    their run has told none before.
    """

    results: int
    mark: int
    is_first: bool

    @classmethod
    def decode(cls, reply: Fields) -> News:
        """Read the reply of the tell script."""
        results, mark, first = map(int, reply)
        return cls(results=results, mark=mark, is_first=bool(first))


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How much of everything a computation has."""

    pending: int
    running: int
    results: int
    workers: int
    succeeded: int
    failed: int
    generation: int
    item_seconds: float | None
    dead_letters: int

    @classmethod
    def decode(cls, reply: Fields) -> Counts:
        """Read the reply of the count script."""
        *counts, item_ms, dead_letters = map(replies.text, reply)
        pending, running, results, workers, succeeded, failed, generation = map(int, counts)
        return cls(
            pending=pending,
            running=running,
            results=results,
            workers=workers,
            succeeded=succeeded,
            failed=failed,
            generation=generation,
            item_seconds=replies.seconds(item_ms),
            dead_letters=int(dead_letters),
        )
