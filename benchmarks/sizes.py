"""How cost grows with the size of a result: reading it over HTTP, and keeping it.

Results of ten bytes to a megabyte: reads a second of one value, and values a second that two
workers compute (a text of one letter, so that it is the keeping that costs) and keep.
"""

from __future__ import annotations

import time
from functools import partial

from benchmarks.bench import Bench
from benchmarks.dags.computations.sized import sized
from benchmarks.processes import held
from benchmarks.records import Figure, Measure, Row, growth
from benchmarks.repeating import alternate
from benchmarks.traffic import Traffic, generator_name

COUNTS = {10: 20_000, 1000: 20_000, 10_000: 5000, 100_000: 600, 1_000_000: 100}
_CHUNK = 100


def measure(bench: Bench) -> Figure:
    """Keep and read results of each size."""
    counts = bench.pick(COUNTS, {10: 3, 100_000: 3})
    seconds = bench.pick(4.0, 1.0)
    with bench.web() as url:
        kept, read = {}, {}
        for size, count in counts.items():
            found = alternate(
                {
                    "kept": partial(_kept_per_second, bench, size, count),
                    "read": partial(_read_per_second, url, size, seconds),
                },
                min(3, bench.repetitions),
            )
            kept[size] = [1e6 / rate for rate in found["kept"]]
            read[size] = [1e6 / rate for rate in found["read"]]
    return Figure(
        name="sizes",
        title="Results of ten bytes to a megabyte",
        rows=[
            Row(title=title, ours=_measure(size, times), peer=None, unit="us", values=times[size])
            for title, times in (("reading a result", read), ("keeping a result", kept))
            for size in counts
        ],
        checked="every answer's status and length, and every value that was kept",
        not_covered=["results with a structure, whose JSON takes longer than a text's"],
        settings={"workers": "2", "load": generator_name(), "server": bench.server_options},
        charts=[
            growth(name, title, "bytes", "us", times, "less", linear="proportional")
            for name, title, times in (
                ("size-read", "Microseconds to read a result", read),
                ("size-keep", "Microseconds to compute and keep a result", kept),
            )
        ],
    )


def _measure(size: int, times: dict[int, list[float]]) -> Measure:
    return Measure(subject=f"{size:,} bytes", unit="us each", values=times[size])


def _kept_per_second(bench: Bench, size: int, count: int) -> float:
    bench.empty()
    items = [{"size": size, "n": n} for n in range(count)]
    with bench.workers(sized) as workers:
        with held(workers):
            bench.submit(sized, items)
            started = time.perf_counter()
        bench.wait_drained(sized, count, 300)
        took = time.perf_counter() - started
    for first in range(0, count, _CHUNK):
        if set(bench.values(sized, items[first : first + _CHUNK])) != {"x" * size}:
            raise RuntimeError(f"not all values of {size} bytes are right")
    return count / took


def _read_per_second(url: str, size: int, seconds: float) -> float:
    traffic = Traffic(
        url=url,
        path=f"/api/v1/computations/sized/result?size={size}&n=0",
        text=f'"value":"{"x" * size}"',
    )
    return traffic.run(seconds).per_second
