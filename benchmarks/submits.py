"""Submits a second over HTTP, each of a new request, while nobody computes: against ``/set``.

The same gunicorn, store and load as for the reads. Batchwell: ``POST …/requests`` with other
parameters each time, so that each makes a request of its own; its own ``/set/<num>`` is beside
it. The article's ``/set/<num>`` sends a Celery task; its worker is stopped, as ours are.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from batchwell.store import AnyComputation
from benchmarks.bench import Bench
from benchmarks.dags.computations.fibonacci import fibonacci
from benchmarks.dags.computations.increment import increment
from benchmarks.records import Figure, at_least, measures_of, ratio
from benchmarks.repeating import alternate
from benchmarks.traffic import Traffic, generator_name

_SENTENCE = "New Fibonacci number will be assigned soon."


def measure(bench: Bench) -> Figure:
    """Submit, and look whether each request was recorded."""
    seconds = bench.pick(2.0, 1.0)
    bench.empty()
    with ExitStack() as servers:
        ours = servers.enter_context(bench.web())
        article = servers.enter_context(bench.peer_web("article", "/current"))
        post = Traffic(
            url=ours,
            method="POST",
            path="/api/v1/computations/increment/requests",
            body='{"params": {"n": {n}}}',
            status=202,
            text='"status":"pending"',
        )
        own_set = Traffic(url=ours, path="/set/{n}", text=_SENTENCE)
        their_set = Traffic(url=article, path="/set/{n}", text=_SENTENCE)
        for one in (post, own_set, their_set):
            bench.warm_up(one)
        values = alternate(
            {
                "Batchwell, POST …/requests": partial(
                    _rate, bench, post, seconds, partial(_recorded, bench, increment)
                ),
                "the article, GET /set": partial(
                    _rate, bench, their_set, seconds, partial(_queued, bench)
                ),
                "Batchwell, GET /set": partial(
                    _rate, bench, own_set, seconds, partial(_recorded, bench, fibonacci)
                ),
            },
            bench.slices,
        )
    ours_post, article_set, ours_set = measures_of("requests/s", values)
    return Figure(
        name="submits",
        title="Submits over HTTP",
        rows=[
            ratio("submit", ours_post, article_set, at_least(2.0)),
            ratio("`/set/<num>`", ours_set, article_set),
        ],
        checked="every answer, and that the store holds a request for each, with its parameters",
        not_covered=[
            "submits that attach to a request under way, or find a fresh value: they are quicker",
            "BATCHWELL_DURABLE=1, with which a submit waits for the disk",
        ],
        settings={"connections": "16", "load": generator_name(), "server": bench.server_options},
    )


def _rate(bench: Bench, traffic: Traffic, seconds: float, recorded: Callable[[int], int]) -> float:
    """Measure on an empty queue. ``recorded`` counts which of the first numbers are on it."""
    bench.redis.execute_command("FLUSHDB", "SYNC")
    with bench.database(2) as broker:
        broker.delete("article")
    answered = replace(traffic, first=1).run(seconds)
    # What was under way when the time was over was not counted, but may have been recorded.
    sent = answered.requests + traffic.connections
    found = recorded(sent)
    if not answered.requests <= found <= sent:
        raise RuntimeError(f"{answered.requests} answers, but {found} requests recorded")
    return answered.per_second


def _recorded(bench: Bench, computation: AnyComputation, count: int) -> int:
    """Count the waiting requests: submitting the same again attaches to those that wait."""
    parsed = [computation.parse({"n": n}) for n in range(1, count + 1)]
    submissions = bench.store.submit(computation, parsed, most_bytes=0)
    return sum(submission.outcome == "attached" for submission in submissions)


def _queued(bench: Bench, count: int) -> int:
    """Count the article's tasks on the queue, by their argument."""
    with bench.database(2) as broker:
        messages = broker.lrange("article", 0, -1)
    bodies = (base64.b64decode(json.loads(message)["body"]) for message in messages)
    asked = {json.loads(body)[0][0] for body in bodies}
    return len(asked & set(range(1, count + 1)))
