"""All figures, by the name under which each is measured alone."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import backlog, busy_reads, cpu_batch, drains, reads, round_trips, sizes, submits
from benchmarks.bench import Bench
from benchmarks.records import Figure

FIGURES: dict[str, Callable[[Bench], Figure]] = {
    "reads": reads.measure,
    "submits": submits.measure,
    "drains": drains.measure,
    "round_trips": round_trips.measure,
    "cpu_batch": cpu_batch.measure,
    "busy_reads": busy_reads.measure,
    "backlog": backlog.measure,
    "sizes": sizes.measure,
}
