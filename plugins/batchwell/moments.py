"""Moments and spans of time, as documents and sentences tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache


@lru_cache(maxsize=1024)  # the same results are read again and again
def iso_time(unix_seconds: float | None) -> str | None:
    """Return ``2026-01-31T09:30:00.000Z``; None stays None."""
    if unix_seconds is None:
        return None
    return datetime.fromtimestamp(unix_seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def about(seconds: float) -> str:
    """Return ``20 seconds``, ``3 minutes``: coarse, so that a sentence changes seldom."""
    if seconds < 10:
        return "some seconds"
    if seconds < 60:
        return f"{int(seconds) // 10 * 10} seconds"
    for unit, size in (("minute", 60), ("hour", 3600)):
        count = int(seconds // size)
        if count < (60 if unit == "minute" else 48):
            return f"1 {unit}" if count == 1 else f"{count} {unit}s"
    return f"{int(seconds // 86400)} days"
