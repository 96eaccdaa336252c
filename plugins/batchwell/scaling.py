"""How many drain workers a backlog deserves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from batchwell.work_records import Demand

WORKER_SECONDS_OF_WORK = 20.0
"""A further worker takes seconds to start: it is worth it from about this much work on."""


def wanted_workers(waiting: int, item_seconds: float | None, limit: int) -> int:
    """Return how many workers should drain ``waiting`` requests: none for none, else 1 to limit.

    ``item_seconds`` is the measured cost of one request; unknown, one worker finds it out.
    """
    if waiting <= 0:
        return 0
    work_seconds = waiting * (item_seconds or 0.0)
    return max(1, min(limit, waiting, math.ceil(work_seconds / WORKER_SECONDS_OF_WORK)))


def wanted_helpers(demand: Demand, limit: int) -> int:
    """Return how many workers to add to a run's first, which may not have shown yet."""
    wanted = wanted_workers(demand.waiting, demand.item_seconds, limit)
    return max(0, wanted - max(1, demand.workers))
