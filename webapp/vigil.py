"""Notice that requests wait and nobody comes to drain them."""

from __future__ import annotations

import time
from collections.abc import Callable

from batchwell.records import Demand

GRACE_SECONDS = 10.0


class Vigil:
    """Remembers, for this process, since when each computation waits for a worker.

    The store does not tell how long requests have waited, so the first look at a neglected
    queue starts the clock and a later one tells.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Measure by ``clock``, in seconds."""
        self._clock = clock
        self._since: dict[str, tuple[int, float]] = {}

    def is_neglected(self, computation: str, demand: Demand) -> bool:
        """Tell whether requests have waited, and no drain has begun, for the grace time."""
        if demand.waiting == 0 or demand.workers > 0:
            self._since.pop(computation, None)
            return False
        now = self._clock()
        drains, since = self._since.setdefault(computation, (demand.drains, now))
        if drains != demand.drains:
            self._since[computation] = (demand.drains, now)
            return False
        return now - since >= GRACE_SECONDS
