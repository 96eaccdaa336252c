"""Patience: do what must be done, waiting for a store or a database that is away."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from batchwell.errors import ActionsUnavailable, StoreUnavailable

_FIRST_SECONDS = 0.1
_MOST_SECONDS = 5.0

T = TypeVar("T")

log = logging.getLogger(__name__)


def patiently(action: Callable[[], T], stop: threading.Event, *, seconds: float = math.inf) -> T:
    """Do it, again and again while what it needs is away, ever less often.

    Raises what that is told by, once ``seconds`` have passed or ``stop`` is set.
    """
    deadline, delay_seconds = time.monotonic() + seconds, _FIRST_SECONDS
    while True:
        try:
            return action()
        except (ActionsUnavailable, StoreUnavailable) as error:
            if stop.is_set() or time.monotonic() >= deadline:
                raise
            log.warning("waiting: %s", error)
            stop.wait(delay_seconds)
            delay_seconds = min(delay_seconds * 2, _MOST_SECONDS)
