"""What monitoring asks of the store: counts, counters and histograms of one computation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from batchwell.records import Status

BOUNDS_MS = (1, 5, 10, 25, 50, 100, 250, 1000, 2500, 5000, 10_000, 60_000, 300_000, 1_800_000)
"""Where the buckets of durations end, but for the last, which has no end."""


def lua_bounds() -> str:
    """Return the Lua line that tells the scripts where buckets end."""
    return f"local bounds_ms = {{ {', '.join(map(str, BOUNDS_MS))} }}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """How many durations fell in each bucket (not in the ones before it), and their sum."""

    counts: Sequence[int]
    sum_seconds: float

    @classmethod
    def decode(cls, name: str, stats: Mapping[str, int]) -> Histogram:
        """Pick the histogram's fields out of ``stats``."""
        ends = [*map(str, BOUNDS_MS), "inf"]
        return cls(
            counts=[stats.get(f"{name}:{end}", 0) for end in ends],
            sum_seconds=stats.get(f"{name}:sum_us", 0) / 1e6,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Measures:
    """A computation as monitoring sees it.

    ``ended`` counts requests by their final status, ``computing`` has how long each value took,
    ``queued`` how long each request waited for its first attempt. All counters are since ever.
    """

    waiting: int
    running: int
    results: int
    workers: int
    dead_letters: int
    first_waits_seconds: float
    latest_at: float | None
    generation: int
    drains: int
    batches: int
    retries: int
    losses: int
    ended: Mapping[Status, int]
    computing: Histogram
    queued: Histogram

    @classmethod
    def decode(cls, reply: Sequence[Any]) -> Measures:
        """Read the reply of the measure script."""
        counts, since, latest, now, meta_fields, stats_fields = reply
        waiting, running, results, workers, dead_letters, generation = counts
        meta, stats = _numbers(meta_fields), _numbers(stats_fields)
        return cls(
            waiting=waiting,
            running=running,
            results=results,
            workers=workers,
            dead_letters=dead_letters,
            first_waits_seconds=(now - int(since or now)) / 1000,
            latest_at=float(latest) / 1000 if latest else None,
            generation=generation,
            drains=meta.get("drains", 0),
            batches=meta.get("batches", 0),
            retries=stats.get("retries", 0),
            losses=stats.get("losses", 0),
            ended={status: meta.get(status, 0) for status in Status if status.is_terminal},
            computing=Histogram.decode("computing", stats),
            queued=Histogram.decode("queued", stats),
        )


def _numbers(fields: Sequence[bytes]) -> dict[str, int]:
    """Return the whole numbers of a hash by field; what is none is left out."""
    names, values = fields[::2], fields[1::2]
    return {
        name.decode(): int(value)
        for name, value in zip(names, values, strict=True)
        if value.isdigit()
    }
