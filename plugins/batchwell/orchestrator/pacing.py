"""When to wake Airflow: as soon as requests wait undrained, then again, spaced and backing off."""

from __future__ import annotations

from batchwell.records import Demand
from batchwell.scaling import wanted_workers

FIRST_SPACING_SECONDS = 10.0
LAST_SPACING_SECONDS = 300.0


class Pacer:
    """Decides, for one computation, whether an event is due.

    An event asks for a run; it takes seconds until the run's worker shows. Until it does, events
    are spaced, each twice as far from the last, so that a condition which no run can change
    (a DAG that fails before it drains) does not make runs for ever.
    """

    def __init__(self, workers: int) -> None:
        """Begin without a memory of events; ``workers`` is the computation's limit."""
        self._limit = workers
        self._spacing_seconds = FIRST_SPACING_SECONDS
        self._not_before = 0.0
        self._drains = -1

    def is_due(self, demand: Demand, now: float) -> bool:
        """Tell whether to wake Airflow at ``now`` (seconds of any clock), and assume it is done."""
        if demand.drains != self._drains:
            self._drains = demand.drains
            self._spacing_seconds = FIRST_SPACING_SECONDS
            # A worker that has just come brings its helpers along: give them time to show.
            self._not_before = now + FIRST_SPACING_SECONDS if demand.workers else now
        wanted = wanted_workers(demand.waiting, demand.item_seconds, self._limit)
        wanted = max(wanted, min(demand.deliveries, 1))
        if demand.workers >= wanted or now < self._not_before:
            return False
        self._not_before = now + self._spacing_seconds
        self._spacing_seconds = min(self._spacing_seconds * 2, LAST_SPACING_SECONDS)
        return True
