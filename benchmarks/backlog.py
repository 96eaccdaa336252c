"""How long requests wait in the store for a worker, and what each costs there.

Backlogs of ten thousand, a hundred thousand and a million: bytes for each request (what the
server's ``used_memory`` grows by; the parameters are one number), how quickly they are submitted
(by one process, in calls of ten thousand) and drained (by two workers, held until all wait).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.bench import Bench
from benchmarks.dags.computations.increment import increment
from benchmarks.processes import held
from benchmarks.records import (
    Figure,
    Measure,
    Row,
    at_least,
    at_most,
    growth,
    ratio,
)
from benchmarks.repeating import alternate

SIZES = (10_000, 100_000, 1_000_000)
_CHUNK = 10_000
_MOST_SECONDS = 600.0


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What one backlog cost."""

    size: int
    bytes_each: float
    submit_seconds: float
    drain_seconds: float


def measure(bench: Bench) -> Figure:
    """Build backlogs of three sizes, and drain them."""
    sizes = bench.pick(SIZES, (200, 400, 800))
    found = alternate(
        {size: partial(build_and_drain, bench, size) for size in sizes}, min(3, bench.repetitions)
    )
    each = {size: [one.bytes_each for one in backlogs] for size, backlogs in found.items()}
    submits = {
        size: [one.size / one.submit_seconds for one in backlogs]
        for size, backlogs in found.items()
    }
    drains = {
        size: [one.size / one.drain_seconds for one in backlogs] for size, backlogs in found.items()
    }
    small, large = sizes[0], sizes[-1]
    waiting = Measure(subject=f"{large:,} waiting", unit="B each", values=each[large])
    return Figure(
        name="backlog",
        title="A million waiting requests",
        rows=[
            Row(
                title="bytes of a waiting request",
                ours=waiting,
                peer=None,
                unit="B",
                values=waiting.values,
                goal=at_most(350),
            ),
            ratio(
                "drain rate of a large backlog",
                _rate(f"{large:,} waiting", drains[large]),
                _rate(f"Batchwell, {small:,} waiting", drains[small]),
                at_least(0.9),
            ),
            ratio(
                "submit rate into a large backlog",
                _rate(f"{large:,} waiting", submits[large]),
                _rate(f"Batchwell, {small:,} waiting", submits[small]),
            ),
        ],
        checked="that each submit made a new request, and each value after the drain",
        not_covered=[
            "parameters longer than a number, which take their length more",
            "the append-only file, and the copy that the server makes while it rewrites it",
        ],
        settings={"workers": "2", "submitting": f"one process, {_CHUNK:,} a call"},
        charts=[
            growth("waiting-bytes", "Bytes of a waiting request", "waiting", "bytes", each, "less"),
            growth("waiting-submit", "Submits a second", "waiting", "a second", submits, "more"),
            growth("waiting-drain", "Drained a second", "waiting", "a second", drains, "more"),
        ],
    )


def build_and_drain(bench: Bench, size: int) -> Backlog:
    """Have so many requests wait; then let two workers compute them, and check all values."""
    bench.empty()
    with bench.workers(increment) as workers:
        with held(workers):
            before = _used_bytes(bench)
            submit_seconds = sum(
                _submit(bench, first, min(first + _CHUNK, size)) for first in range(0, size, _CHUNK)
            )
            used = _used_bytes(bench) - before
            started = time.perf_counter()
        bench.wait_drained(increment, size, _MOST_SECONDS)
        drain_seconds = time.perf_counter() - started
    for first in range(0, size, _CHUNK):
        _check(bench, first, min(first + _CHUNK, size))
    return Backlog(
        size=size,
        bytes_each=used / size,
        submit_seconds=submit_seconds,
        drain_seconds=drain_seconds,
    )


def _submit(bench: Bench, first: int, end: int) -> float:
    parsed = [increment.parse({"n": n}) for n in range(first, end)]
    started = time.perf_counter()
    submissions = bench.store.submit(increment, parsed, most_bytes=0)
    took = time.perf_counter() - started
    if any(submission.outcome != "created" for submission in submissions):
        raise RuntimeError(f"not all of {first} to {end} are new requests")
    return took


def _check(bench: Bench, first: int, end: int) -> None:
    values = bench.values(increment, [{"n": n} for n in range(first, end)])
    wrong = sum(value != n + 1 for n, value in enumerate(values, first))
    if wrong:
        raise RuntimeError(f"{wrong} values from {first} to {end} are wrong")


def _used_bytes(bench: Bench) -> int:
    info: Any = bench.redis.info("memory")
    return int(info["used_memory"])


def _rate(subject: str, values: list[float]) -> Measure:
    return Measure(subject=subject, unit="a second", values=values)
