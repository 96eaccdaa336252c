"""``progress(fraction, message)``: how a running computation tells how far it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Reporter = Callable[[float, str], None]

_reporter: ContextVar[Reporter | None] = ContextVar("batchwell_progress", default=None)


def progress(fraction: float, message: str = "") -> None:
    """Report that ``fraction`` (0 to 1) of the running computation is done.

    Cheap enough for an inner loop: reports are thinned before they travel. Outside a drain
    worker, as in a test that calls the function, it does nothing.
    """
    if not math.isfinite(fraction):
        raise ValueError(f"fraction must be a number from 0 to 1, not {fraction}")
    reporter = _reporter.get()
    if reporter is not None:
        reporter(min(max(float(fraction), 0.0), 1.0), str(message)[:500])


@contextmanager
def reporting_to(reporter: Reporter) -> Iterator[None]:
    """Send every `progress` call within the block to ``reporter``."""
    token = _reporter.set(reporter)
    try:
        yield
    finally:
        _reporter.reset(token)
