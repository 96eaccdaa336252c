"""A batch that only computes, by two workers: against ``multiprocessing.Pool(2).map``.

Items of pure Python, about ten milliseconds each. Batchwell: from the submit of all to the last
value kept, by two drain workers that linger. The pool: from ``map`` to its return, its processes
forked and warm; it keeps nothing, survives nothing, and is as quick as two cores can be.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.pool import Pool

from benchmarks.bench import Bench
from benchmarks.dags.computations.burn import burn
from benchmarks.records import Figure, Measure, at_least, ratio
from benchmarks.repeating import alternate

_MOST_SECONDS = 300.0


def measure(bench: Bench) -> Figure:
    """Compute the same items by both, in turn."""
    count = bench.pick(1000, 10)
    bench.empty()
    with bench.workers(burn), multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(compute, range(2))
        turns = iter(range(bench.repetitions))
        values = alternate(
            {
                "Batchwell": lambda: _computed_by_us(bench, pool, next(turns), count),
                "Pool(2).map": lambda: _computed_by_pool(pool, count),
            },
            bench.repetitions,
        )
    ours, peer = (
        Measure(subject=name, unit="items/s", values=[count / seconds for seconds in found])
        for name, found in values.items()
    )
    return Figure(
        name="cpu_batch",
        title="A CPU-bound batch on two cores",
        rows=[ratio("CPU-bound batch, two workers", ours, peer, at_least(0.97))],
        checked="every value, against those of the pool",
        not_covered=["items of very different cost", "values and parameters that are large"],
        settings={"items": f"{count} of about 10 ms", "workers": "2 processes each"},
    )


def compute(seed: int) -> int:
    """Compute one item, in a process of the pool."""
    return burn(seed)


def _computed_by_us(bench: Bench, pool: Pool, turn: int, count: int) -> float:
    items = [{"seed": seed} for seed in range(turn * count, (turn + 1) * count)]
    before = bench.store.count(burn).succeeded
    started = time.perf_counter()
    bench.submit(burn, items)
    bench.wait_drained(burn, before + count, _MOST_SECONDS, 0.02)
    took = time.perf_counter() - started
    if bench.values(burn, items) != pool.map(compute, [item["seed"] for item in items]):
        raise RuntimeError("not all values are those that the pool computes")
    return took


def _computed_by_pool(pool: Pool, count: int) -> float:
    started = time.perf_counter()
    pool.map(compute, range(count))
    return time.perf_counter() - started
