"""A warm round trip from Python to Python: submit one, wait for its value, then the next.

A caller in a process of its own, on the store directly, and a worker that is warm and idle: for
Batchwell one lingering drain worker, for Celery two processes (``delay().get()``), as for the other
peers, each alone. Blocks of calls alternate; each block gives a median and a 99th percentile.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from benchmarks.bench import Bench
from benchmarks.dags.computations.increment import increment
from benchmarks.peer_environments import CHECKOUT
from benchmarks.peer_queues import CELERY, DRAMATIQ, HUEY_NOTIFYING, RQ, PeerQueue
from benchmarks.records import Figure, Measure, at_most, ratio
from benchmarks.repeating import alternate

PEERS = (CELERY, HUEY_NOTIFYING, DRAMATIQ, RQ)
OURS = "Batchwell"


def measure(bench: Bench) -> Figure:
    """Ask by each, in turn."""
    calls = bench.pick(1000, 20)
    subjects: dict[str, Callable[[], list[float]]] = {OURS: partial(_asked_of_us, bench, calls)}
    subjects |= {peer.name: partial(_asked_of, bench, peer, calls) for peer in PEERS}
    p50, p99 = {}, {}
    for name, blocks in alternate(subjects, bench.repetitions).items():
        p50[name] = _measure(name, "ms p50", [statistics.median(block) for block in blocks])
        p99[name] = _measure(name, "ms p99", [_percentile_99(block) for block in blocks])
    goals = {CELERY.name: at_most(0.6)}
    return Figure(
        name="round_trips",
        title="Warm round trip, Python to Python",
        rows=[
            ratio(f"warm round trip, {what}", found[OURS], found[name], goals.get(name))
            for name in subjects
            if name != OURS
            for what, found in (("p50", p50), ("p99", p99))
        ],
        checked="every value",
        not_covered=["callers at the same time", "the way over HTTP"],
        settings={"calls": f"{calls} a block"},
    )


def _asked_of_us(bench: Bench, calls: int) -> list[float]:
    bench.empty()
    command = [sys.executable, "-m", "benchmarks.asker", "0", str(calls)]
    with bench.workers(increment, 1):
        done = subprocess.run(
            command, cwd=CHECKOUT, env=bench.env, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    milliseconds: list[float] = json.loads(done.stdout)
    return milliseconds


def _asked_of(bench: Bench, peer: PeerQueue, calls: int) -> list[float]:
    bench.empty()
    with peer.working(bench):
        milliseconds: list[float] = peer.drive(bench, "ask", 0, calls)
    return milliseconds


def _measure(name: str, unit: str, values: list[float]) -> Measure:
    return Measure(subject=name, unit=unit, values=values)


def _percentile_99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]
