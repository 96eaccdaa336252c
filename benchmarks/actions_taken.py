"""Actions accepted in bulk while feeds are read, and what that does to the reads.

One process posts bulks of a thousand to the gunicorn that ``scripts/up`` runs, another reads known
values of two kilobytes, as long as a feed; all on the two cores, the store beside them. First
as many actions as go; then 5,000 a second, while as many values are read as go, of that size and
of one number in turn.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from benchmarks.bench import Bench
from benchmarks.dags.computations.increment import increment
from benchmarks.dags.computations.sized import sized
from benchmarks.peer_environments import CHECKOUT
from benchmarks.records import Figure, Measure, Row, at_least, measures_of, ratio
from benchmarks.repeating import alternate
from benchmarks.traffic import Traffic, generator_name

BULK = 1000
RATE = 5000
FEED_BYTES = 2000
KEYS = 1000


def measure(bench: Bench) -> Figure:
    """Post and read at the same time."""
    seconds = bench.pick(4.0, 1.0)
    bulk, rate = bench.pick(BULK, 10), bench.pick(RATE, 50)
    bench.empty()
    bench.submit(sized, [{"size": FEED_BYTES, "n": n} for n in range(KEYS)])
    bench.submit(increment, [{"n": n} for n in range(KEYS)])
    for computation in (sized, increment):
        with bench.workers(computation, 1):
            bench.wait_drained(computation, KEYS, 60)
    with bench.web() as url:
        trickle, feeds, numbers = (
            Traffic(
                url=url,
                path=f"/api/v1/computations/{path}={{n}}",
                text='"value":',
                first=0,
                cycle=KEYS,
                connections=connections,
                pause_milliseconds=pause,
            )
            for path, connections, pause in (
                (f"sized/result?size={FEED_BYTES}&n", 4, 20),
                (f"sized/result?size={FEED_BYTES}&n", 16, 0),
                ("increment/result?n", 16, 0),
            )
        )
        bench.warm_up(feeds)
        found: dict[str, list[float]] = alternate(
            {
                "actions": partial(_accepted, url, bulk, trickle, seconds),
                "values of 2 KB": partial(_reads, url, rate, bulk, feeds, seconds),
                "numbers": partial(_reads, url, rate, bulk, numbers, seconds),
            },
            bench.repetitions,
        )
    accepted = Measure(subject="bulks of 1,000", unit="actions/s", values=found.pop("actions"))
    feed_reads, number_reads = measures_of("requests/s", found)
    return Figure(
        name="actions_taken",
        title="Actions taken in while feeds are read",
        rows=[
            Row(
                title="actions accepted in bulk while values are read",
                ours=accepted,
                peer=None,
                unit="actions/s",
                values=accepted.values,
                goal=at_least(bench.pick(5000, 1)),
            ),
            ratio(
                f"reads of feeds beside {RATE:,} actions a second",
                feed_reads,
                number_reads,
                at_least(bench.pick(0.8, 0.01)),
            ),
        ],
        checked="that each action was accepted, and that each read told a value",
        not_covered=["actions one by one, each a request of its own", "collecting them meanwhile"],
        settings={"load": generator_name(), "server": bench.server_options, "bulk": f"{BULK:,}"},
    )


def _accepted(url: str, bulk: int, trickle: Traffic, seconds: float) -> float:
    with _posting(url, 0, bulk, seconds) as posted:
        trickle.run(seconds)
    return posted[0]


def _reads(url: str, rate: float, bulk: int, traffic: Traffic, seconds: float) -> float:
    with _posting(url, rate, bulk, seconds + 1) as posted:
        answered = traffic.run(seconds)
    if posted[0] < 0.9 * rate:
        raise RuntimeError(f"{posted[0]:.0f} actions a second were accepted, not {rate:.0f}")
    return answered.per_second


@contextmanager
def _posting(url: str, rate: float, bulk: int, seconds: float) -> Iterator[list[float]]:
    """Post beside the block; when it has ended, the list has how many were accepted a second."""
    command = [sys.executable, "-m", "benchmarks.poster", url, f"{rate}", f"{bulk}", f"{seconds}"]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    posted: list[float] = []
    try:
        yield posted
        output, _ = process.communicate(timeout=seconds + 60)
        if process.returncode:
            raise RuntimeError("not all actions were accepted")
        posted.append(json.loads(output)["per_second"])
    finally:
        process.kill()
        process.wait()
