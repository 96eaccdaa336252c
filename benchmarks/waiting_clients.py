"""Cached reads a second while five hundred clients wait for requests to end, and without them.

Half of the clients follow a request's server-sent events, half have submitted with a ``Prefer:
wait``. Nobody computes while the reads are counted; then a worker does, and each client must be
told the right value.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from benchmarks.bench import Bench
from benchmarks.dags.computations.increment import increment
from benchmarks.peer_environments import CHECKOUT
from benchmarks.records import Figure, Measure, at_least, ratio
from benchmarks.repeating import alternate
from benchmarks.traffic import Traffic, generator_name
from benchmarks.waiting import wait_until

KEYS = 1000
_MOST_SECONDS = 60.0


def measure(bench: Bench) -> Figure:
    """Read with and without clients that wait."""
    seconds, clients = bench.pick(5.0, 1.0), bench.pick(500, 6)
    bench.empty()
    bench.submit(increment, [{"n": n} for n in range(KEYS)])
    with bench.workers(increment, 1):
        bench.wait_drained(increment, KEYS, _MOST_SECONDS)
    firsts = count(10**6, 10**4)
    with bench.web() as url:
        reads = Traffic(
            url=url,
            path="/api/v1/computations/increment/result?n={n}",
            first=0,
            cycle=KEYS,
            successor=True,
        )
        bench.warm_up(reads)

        def with_clients() -> float:
            with _clients(bench, url, next(firsts), clients):
                return reads.run(seconds).per_second

        values = alternate(
            {
                f"{clients} clients waiting": with_clients,
                "none waiting": lambda: reads.run(seconds).per_second,
            },
            bench.repetitions,
        )
    waiting, alone = (
        Measure(subject=f"Batchwell, {name}", unit="requests/s", values=found)
        for name, found in values.items()
    )
    return Figure(
        name="waiting_clients",
        title="Reads while clients wait",
        rows=[ratio("cached read, 500 clients waiting", waiting, alone, at_least(0.9))],
        checked="every answer, and that each client was told the value once it was computed",
        not_covered=[
            "clients that come and go, or all in one moment",
            "progress that is told to all of them",
        ],
        settings={"load": generator_name(), "server": bench.server_options},
    )


@contextmanager
def _clients(bench: Bench, url: str, first: int, number: int) -> Iterator[None]:
    """Have clients wait for the length of the block; then compute what they wait for."""
    command = [sys.executable, "-m", "benchmarks.followers", url, str(first), str(number)]
    log = bench.folder / "followers.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            if process.stdout.readline() != "waiting\n":
                raise RuntimeError(f"the clients do not wait: {log.read_text()[-2000:]}")
            wait_until("requests", lambda: bench.store.count(increment).pending == number)
            yield
            with bench.workers(increment, 1):
                told = process.stdout.read()
            if told.strip() != "[]":
                raise RuntimeError(f"told wrongly: {told[:2000]}{log.read_text()[-2000:]}")
        finally:
            process.kill()
