"""The feed at size: its model trained on a million likes, ten thousand feeds in one batch.

Forty thousand people with known tastes (`simulation.world`) like some 25 of 600 pictures each.
Training is timed from the submit to the kept model, by one drain worker; the feeds are asked for
while the worker is held, and timed from then to the last kept. The best that the tastes allow is
the ranking of each person's pictures by the very chances that they like by.
"""

from __future__ import annotations

import json
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from batchwell import Action
from batchwell.actions_database import open_actions_database
from batchwell.computation import Computation
from batchwell.local.services import BIN
from batchwell.parameters import Parameters
from batchwell.registry import load_registry
from benchmarks.bench import Bench
from benchmarks.peer_environments import CHECKOUT
from benchmarks.processes import held, running
from benchmarks.records import Figure, Measure, Row, at_least, at_most, ratio
from simulation.world import World, recall_at_10

_MOST_SECONDS = 600.0
_LIKES_EACH = 25
_CHUNK = 10_000
_JUDGED = 20_000


def measure(bench: Bench) -> Figure:
    """Fill the database once; train, and choose feeds, as often as asked for."""
    people, feeds = bench.pick(40_000, 300), bench.pick(10_000, 100)
    bench.empty()
    registry = load_registry(CHECKOUT / "dags")
    from computations.feed_model import is_held_out
    from computations.pictures import PICTURES

    world = World.of(PICTURES, people, seed=1)
    rows, columns = world.likes(_LIKES_EACH, seed=2)
    database = bench.settings.home / "actions.db"
    _fill(database, rows.tolist(), [PICTURES[column] for column in columns.tolist()])
    model, feed = registry["feed_model"], registry["feed"]
    wanted = [feed.parse({"user": f"user-{n}"}) for n in range(feeds)]
    trained: list[float] = []
    chosen: list[float] = []
    value: dict[str, Any] = {}
    for _ in range(bench.pick(min(3, bench.repetitions), 1)):
        seconds, [value] = _computed(bench, model, model.standing)
        trained.append(seconds)
        seconds, values = _computed(bench, feed, wanted)
        chosen.append(seconds)
        if {one["kind"] for one in values} != {"personal"}:
            raise RuntimeError("not every feed is a personal one")
    is_held = np.array(
        [
            is_held_out(f"user-{row}", PICTURES[column])
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        ]
    )
    recall = Measure(subject="the model", unit="recall@10", values=[value["recall_at_10"]])
    popular = Measure(
        subject="most popular", unit="recall@10", values=[value["popular_recall_at_10"]]
    )
    best = Measure(
        subject="the best that the tastes allow",
        unit="recall@10",
        values=[_best(world, rows, columns, is_held)],
    )
    return Figure(
        name="feeds",
        title="The feed: a model of a million likes",
        rows=[
            _timed(f"training on {len(rows):,} likes", "one drain worker", trained, 120),
            _timed(f"{feeds:,} feeds", "in one batch", chosen, 20),
            ratio("the model's recall at 10", recall, popular, at_least(bench.pick(2, 0))),
            ratio("the model's recall at 10", recall, best, at_least(bench.pick(0.9, 0))),
        ],
        checked="that every feed is a personal one, and that one batch had them all",
        not_covered=["real tastes, which change and are less plain than these"],
        settings={"people": f"{people:,}", "pictures": f"{len(PICTURES)}"},
    )


def _fill(database: Path, users: list[int], pictures: list[str]) -> None:
    pairs = iter(zip(users, pictures, strict=True))
    with open_actions_database(f"sqlite:///{database}") as opened:
        while part := list(islice(pairs, _CHUNK)):
            opened.add([Action(f"user-{user}", one, "like", one, 0) for user, one in part])


def _computed(
    bench: Bench, computation: Computation[Any, Any], wanted: list[Parameters]
) -> tuple[float, list[Any]]:
    """Have all of these computed anew in one batch; return the seconds, and the values."""
    before = bench.store.count(computation).succeeded
    env = {**bench.env, "BATCHWELL_DAGS_FOLDER": str(CHECKOUT / "dags")}
    command: list[str | Path] = [BIN / "batchwell", "drain", computation.name, "--linger", "3600"]
    worker = bench.start(command, env, f"drain-{computation.name}")
    with running([worker]):
        worker.wait_until("worker", lambda: bench.store.count(computation).workers > 0)
        with held([worker]):
            bench.store.submit(computation, wanted, max_age_seconds=0, most_bytes=0)
            started = time.perf_counter()
        bench.wait_drained(computation, before + len(wanted), _MOST_SECONDS)
        seconds = time.perf_counter() - started
    results = [one.result for one in bench.store.submit(computation, wanted)]
    if {one.batch_size for one in results if one} != {len(wanted)}:
        raise RuntimeError("not all were computed in one batch")
    return seconds, [json.loads(one.value) for one in results if one]


def _best(world: World, rows: Any, columns: Any, is_held: Any) -> float:
    """Return what a ranking by the known tastes would find, of the people that a model judges."""
    liked, wanted = (np.zeros(world.chances.shape, bool) for _ in range(2))
    liked[rows[~is_held], columns[~is_held]] = True
    wanted[rows[is_held], columns[is_held]] = True
    judged = np.flatnonzero(wanted.any(axis=1))[:_JUDGED]
    return recall_at_10(world.chances[judged], liked[judged], wanted[judged])


def _timed(title: str, subject: str, seconds: list[float], most: float) -> Row:
    return Row(
        title=title,
        ours=Measure(subject=subject, unit="s", values=seconds),
        peer=None,
        unit="s",
        values=seconds,
        goal=at_most(most),
    )
