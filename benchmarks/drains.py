"""Tiny computations drained a second: two workers of ours, and two worker processes of each peer.

Workers are started, warmed up, and held (SIGSTOP) while their queue is filled: the clock runs
from their release until the last value is kept, so that neither starting nor submitting counts.
Batchwell: two ``batchwell drain``, each of which has a process that computes. A peer has two
worker processes, beside whatever process directs them. How each is tuned is told in its module in
``benchmarks/peers``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from benchmarks.backlog import build_and_drain
from benchmarks.bench import Bench
from benchmarks.peer_queues import BATCHES, CELERY, CELERY_LEAN, DRAMATIQ, HUEY, RQ, PeerQueue
from benchmarks.processes import held
from benchmarks.records import Figure, Measure, at_least, ratio
from benchmarks.repeating import alternate

OURS = 100_000
PEERS = (CELERY, CELERY_LEAN, BATCHES, RQ, DRAMATIQ, HUEY)


def measure(bench: Bench) -> Figure:
    """Drain the same tiny computation by each, in turn."""
    ours = "Batchwell"
    subjects: dict[str, Callable[[], float]] = {ours: partial(_drained_by_us, bench)}
    subjects |= {peer.name: partial(_drained_by, bench, peer) for peer in PEERS}
    values = alternate(subjects, bench.repetitions)
    measures = {
        name: Measure(subject=name, unit="computations/s", values=found)
        for name, found in values.items()
    }
    goals = {CELERY.name: at_least(30), CELERY_LEAN.name: at_least(30)}
    return Figure(
        name="drains",
        title="Draining tiny computations",
        rows=[
            ratio(
                "drain of tiny computations",
                measures[ours],
                measures[name],
                goals.get(name),
            )
            for name in subjects
            if name != ours
        ],
        checked="each value that was kept",
        not_covered=[
            "computations that take time, which all drain alike (see the CPU-bound batch)",
            "submitting: the queue is full before the clock starts",
        ],
        settings={
            "workers": "2 processes each",
            "backlog": f"{OURS:,}; of a peer a few thousand: some seconds each",
        },
    )


def _drained_by_us(bench: Bench) -> float:
    count = bench.pick(OURS, 500)
    return count / build_and_drain(bench, count).drain_seconds


def _drained_by(bench: Bench, peer: PeerQueue) -> float:
    bench.empty()
    count = bench.pick(peer.backlog, 100)
    with peer.working(bench) as workers:
        with held(workers):
            peer.drive(bench, "fill", 0, count)
            started = time.perf_counter()
        peer.wait_done(bench, count, 300)
        took = time.perf_counter() - started
    right = peer.drive(bench, "check", 0, count)
    if right != count:
        raise RuntimeError(f"{peer.name}: {right} of {count} values are right")
    return count / took
