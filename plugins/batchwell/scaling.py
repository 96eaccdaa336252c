"""How many drain workers a backlog deserves."""

from __future__ import annotations

import math

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
