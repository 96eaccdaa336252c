"""Wait for a condition."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(
    what: str, probe: Callable[[], bool], seconds: float = 60.0, pause_seconds: float = 0.02
) -> None:
    """Return once the probe is true; raise `TimeoutError` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not probe():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} within {seconds:g} seconds")
        time.sleep(pause_seconds)
