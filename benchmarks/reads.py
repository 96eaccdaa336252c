"""Cached reads a second: over HTTP, against the article's ``/current`` and a constant route.

All under the gunicorn that ``scripts/up`` runs the web app with, its workers and threads, one
after the other; the same store server; the same load. The peers' worker class is gunicorn's own
gthread; the constant route is there under ours too. Batchwell's read is the JSON of a
thousand different parameters in turn, so that nothing gains by reading one value for ever; its
own ``/current`` is beside it. The constant route does nothing, no store, no JSON.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from benchmarks.bench import Bench
from benchmarks.dags.computations.fibonacci import fibonacci
from benchmarks.dags.computations.increment import increment
from benchmarks.records import Figure, at_least, measures_of, ratio
from benchmarks.repeating import alternate
from benchmarks.traffic import Traffic, generator_name

KEYS = 1000
NUMBER, VALUE = 20, 6765


def measure(bench: Bench) -> Figure:
    """Serve known values, and count how many."""
    seconds = bench.pick(2.0, 1.0)
    bench.empty()
    known = [{"n": n} for n in range(KEYS)]
    bench.submit(increment, known)
    with bench.workers(increment, 1):
        bench.wait_drained(increment, KEYS, 60)
    bench.submit(fibonacci, [{"n": NUMBER}])
    with bench.workers(fibonacci, 1):
        bench.wait_drained(fibonacci, 1, 60)
    with bench.database(2) as redis:
        redis.set("article:current", VALUE)
    current = f"Current fibonacci number is {VALUE}"
    with ExitStack() as servers:
        ours = servers.enter_context(bench.web())
        article = servers.enter_context(bench.peer_web("article", "/current"))
        constant = servers.enter_context(bench.peer_web("constant", "/"))
        same = servers.enter_context(bench.peer_web("constant", "/", "serving.worker.Worker"))
        traffic = {
            "Batchwell, GET …/result": Traffic(
                url=ours,
                path="/api/v1/computations/increment/result?n={n}",
                first=0,
                cycle=KEYS,
                successor=True,
            ),
            "the article, GET /current": Traffic(url=article, path="/current", text=current),
            "Flask, a constant": Traffic(url=constant, path="/", text="Current fibonacci"),
            "Flask, a constant, on our worker class": Traffic(
                url=same, path="/", text="Current fibonacci"
            ),
            "Batchwell, GET /current": Traffic(url=ours, path="/current", text=current),
        }
        for one in traffic.values():
            bench.warm_up(one)
        values = alternate(
            {name: partial(_rate, one, seconds) for name, one in traffic.items()},
            bench.slices,
        )
    ours_read, article_read, constant_read, same_read, ours_current = measures_of(
        "requests/s", values
    )
    return Figure(
        name="reads",
        title="Cached reads over HTTP",
        rows=[
            ratio("cached read", ours_read, article_read, at_least(2.0)),
            ratio("cached read", ours_read, constant_read, at_least(0.85)),
            ratio("cached read", ours_read, same_read),
            ratio("`/current`", ours_current, article_read),
        ],
        checked=f"the status and the value of every answer, for {KEYS:,} parameters in turn",
        not_covered=[
            "reads of stale values, which also ask for a recompute",
            "a network between client and server: both are on this machine, beside the store",
        ],
        settings={"connections": "16", "load": generator_name(), "server": bench.server_options},
    )


def _rate(traffic: Traffic, seconds: float) -> float:
    return traffic.run(seconds).per_second
