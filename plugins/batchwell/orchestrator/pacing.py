"""When to wake Airflow: as soon as requests wait undrained, then again, spaced and backing off."""

from __future__ import annotations

from batchwell.scaling import wanted_workers
from batchwell.work_records import Demand

FIRST_SPACING_SECONDS = 10.0
LAST_SPACING_SECONDS = 300.0


class Pacer:
    """Decides, for one computation, whether an event is due.

    An event asks for a run; it takes seconds until the run's worker shows. Until it does, events
    are spaced, each twice as far from the last, so that a condition which no run can change
    (a DAG that fails before it drains) does not make runs for ever. A drain that has begun ends
    that for requests; for deliveries it proves nothing, as none may come of it.
    """

    def __init__(self, workers: int) -> None:
        """Begin without a memory of events; ``workers`` is the computation's limit."""
        self._limit = workers
        self._for_requests = Spacing()
        self._for_deliveries = Spacing()
        self._drains = -1
        self._helpers_due_at = 0.0

    def is_due(self, demand: Demand, now: float) -> bool:
        """Tell whether to wake Airflow at ``now`` (seconds of any clock), and assume it is done."""
        if demand.drains != self._drains:
            self._drains = demand.drains
            self._for_requests.restart(now)
            # A worker that has just come brings its helpers along: give them time to show.
            self._helpers_due_at = now + FIRST_SPACING_SECONDS
        if demand.workers < wanted_workers(demand.waiting, demand.item_seconds, self._limit):
            is_early = demand.workers > 0 and now < self._helpers_due_at
            return not is_early and self._for_requests.lets_through(now)
        if not demand.deliveries or demand.workers or now < self._for_requests.not_before:
            return False
        if now >= self._for_deliveries.not_before + LAST_SPACING_SECONDS:
            self._for_deliveries.restart(now)  # none was due for long: those before were made
        if not self._for_deliveries.lets_through(now):
            return False
        self._for_requests.not_before = now + FIRST_SPACING_SECONDS  # its worker drains them too
        return True


class Spacing:
    """Lets one event through at a time, each twice as far from the last."""

    def __init__(self) -> None:
        """Begin without a memory of events."""
        self.restart(0.0)

    def restart(self, not_before: float) -> None:
        """Forget the events before; the next may come at ``not_before`` (seconds of any clock)."""
        self.not_before = not_before
        self._seconds = FIRST_SPACING_SECONDS

    def lets_through(self, now: float) -> bool:
        """Tell whether an event may pass at ``now``, and assume that it does."""
        if now < self.not_before:
            return False
        self.not_before = now + self._seconds
        self._seconds = min(self._seconds * 2, LAST_SPACING_SECONDS)
        return True
