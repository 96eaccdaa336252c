"""A computation at a glance, as the first page and those who look after it see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from batchwell.records import Attention


@dataclass(frozen=True, kw_only=True, slots=True)
class LatestResult:
    """The value that was computed last; ``value`` is None where it is too long for a glance."""

    computed_at: float
    params: str
    dag_id: str
    run_id: str
    value: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """What waits, who works, what is known and what was done.

    ``fresh`` is near: values that were computed together go stale one after the other.
    ``first_waits_seconds`` is how long the first in the queue has waited, ``minutes`` the results
    of each of the last 60, ``deliveries`` those that are due.
    """

    waiting: int
    running: int
    workers: int
    results: int
    fresh: int
    dead_letters: int
    deliveries: int
    first_waits_seconds: float
    attention: Attention
    minutes: Sequence[int]
    latest: LatestResult | None

    @property
    def stale(self) -> int:
        """Known values that are served, but not fresh any more."""
        return self.results - self.fresh

    @classmethod
    def decode(cls, reply: Sequence[Any]) -> Overview:
        """Read the reply of the overview script."""
        (waiting, running, results, fresh, letters, due, since), attends, minutes, latest = reply
        attention = Attention.decode(attends)
        return cls(
            waiting=waiting,
            running=running,
            workers=attention.workers,
            results=results,
            fresh=min(fresh, results),
            dead_letters=letters,
            deliveries=due,
            first_waits_seconds=attention.read_at - int(since) / 1000 if since else 0.0,
            attention=attention,
            minutes=[int(count) for count in minutes.split(b",")],
            latest=_latest(latest) if latest else None,
        )


def _latest(fields: Sequence[Any]) -> LatestResult:
    computed_at, params, dag_id, run_id, value = fields
    return LatestResult(
        computed_at=int(computed_at) / 1000,
        params=params.decode(),
        dag_id=dag_id.decode(),
        run_id=run_id.decode(),
        value=value.decode() or None,
    )
