"""How slow a cached read gets while both cores compute: ours, and the article's beside it.

A steady trickle of reads, far below what the servers can take, so that the 99th percentile tells of
waiting for a core and not of a full queue. Then the same while two workers compute without a
pause: Batchwell's drain workers, which are nice, and the article's Celery worker with two
processes.
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

import requests

from benchmarks.bench import Bench
from benchmarks.dags.computations.burn import burn
from benchmarks.dags.computations.increment import increment
from benchmarks.peer_environments import peer_python
from benchmarks.processes import running
from benchmarks.records import Figure, at_most, measures_of, ratio
from benchmarks.repeating import alternate
from benchmarks.traffic import Traffic, generator_name

KEYS = 100
NUMBER, VALUE = 28, b"317811"  # a twentieth of a second by naive recursion
_TASKS_A_SECOND = 80  # more than two cores can do


def measure(bench: Bench) -> Figure:
    """Read while nothing is computed, and while everything is."""
    seconds = bench.pick(8.0, 1.0)
    bench.empty()
    bench.submit(burn, [{"seed": seed} for seed in range(bench.pick(100_000, 1000))])
    bench.submit(increment, [{"n": n} for n in range(KEYS)])
    with bench.workers(increment, 1):
        bench.wait_drained(increment, KEYS, 60)
    with bench.database(2) as redis:
        redis.set("article:current", VALUE)
    with ExitStack() as servers:
        ours = Traffic(
            url=servers.enter_context(bench.web()),
            path="/api/v1/computations/increment/result?n={n}",
            first=0,
            cycle=KEYS,
            successor=True,
            connections=4,
            pause_milliseconds=20,
        )
        article = Traffic(
            url=servers.enter_context(bench.peer_web("article", "/current")),
            path="/current",
            text=f"Current fibonacci number is {VALUE.decode()}",
            connections=4,
            pause_milliseconds=20,
        )
        for one in (ours, article):
            bench.warm_up(one)
        values = alternate(
            {
                "Batchwell, idle": partial(_p99, ours, seconds),
                "Batchwell, busy": partial(_busy_p99, bench, ours, seconds),
                "the article, idle": partial(_p99, article, seconds),
                "the article, busy": partial(_articles_busy_p99, bench, article, seconds),
            },
            bench.repetitions,
        )
    ours_idle, ours_busy, article_idle, article_busy = measures_of("ms p99", values)
    return Figure(
        name="busy_reads",
        title="Reads while both cores compute",
        rows=[
            ratio("read p99, both cores computing", ours_busy, ours_idle, at_most(2)),
            ratio("the same by the article's app", article_busy, article_idle),
        ],
        checked="every answer's status and value; that both workers computed all along",
        not_covered=["memory bandwidth, disks: the computing is pure Python"],
        settings={
            "load": f"{generator_name()}, 4 connections, 20 ms apart",
            "server": bench.server_options,
        },
    )


def _p99(traffic: Traffic, seconds: float) -> float:
    return traffic.run(seconds).p99_milliseconds


def _busy_p99(bench: Bench, traffic: Traffic, seconds: float) -> float:
    before = bench.store.count(burn).succeeded
    with bench.workers(burn):
        bench.wait_drained(burn, before + 2, 60)
        p99 = _p99(traffic, seconds)
        counts = bench.store.count(burn)
    if not counts.pending or counts.workers != 2:
        raise RuntimeError(f"not both cores were computing: {counts}")
    return p99


def _articles_busy_p99(bench: Bench, traffic: Traffic, seconds: float) -> float:
    app = ("--app", "benchmarks.peers.article_tasks:celery")
    options = ("worker", "--concurrency", "2", "--loglevel", "WARNING")
    command = (peer_python().with_name("celery"), *app, *options)
    worker = bench.start(command, bench.peer_env, "article-worker")
    with running([worker]), bench.database(2) as broker:
        broker.delete("article", "article:current")
        for _ in range(round(_TASKS_A_SECOND * (seconds + 2))):
            requests.get(f"{traffic.url}/set/{NUMBER}", timeout=10).raise_for_status()
        worker.wait_until("number", lambda: broker.get("article:current") == VALUE)
        p99 = _p99(traffic, seconds)
        if not broker.llen("article"):
            raise RuntimeError("not both cores were computing for the article")
    return p99
