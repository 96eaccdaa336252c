"""A million actions moved from the store to their database, by one collector.

SQLite, on this machine's disk, each batch of ten thousand one transaction. The actions are in
the store before the clock starts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from batchwell.actions_database import open_actions_database
from batchwell.store.acting import Offered
from benchmarks.bench import Bench
from benchmarks.dags.computations.acted import ITEMS, actions
from benchmarks.peer_environments import CHECKOUT
from benchmarks.records import Figure, Measure, Row, at_most

_CALL = 10_000


def measure(bench: Bench) -> Figure:
    """Move them, some times over, each into an empty database."""
    count = bench.pick(1_000_000, 2_000)
    found = [_moved(bench, count, turn) for turn in range(min(3, bench.repetitions))]
    seconds = Measure(
        subject=f"{count:,} actions", unit="s", values=[one["seconds"] for one in found]
    )
    most = Measure(subject="at its most", unit="MB", values=[one["most_mb"] for one in found])
    early = Measure(
        subject="after a tenth", unit="MB", values=[max(1.0, one["early_mb"]) for one in found]
    )
    growth = [after / before for after, before in zip(most.values, early.values, strict=True)]
    return Figure(
        name="actions_moved",
        title="A million actions moved to the database",
        rows=[
            Row(
                title="moving a million actions",
                ours=seconds,
                peer=None,
                unit="s",
                values=seconds.values,
                goal=at_most(120),
            ),
            Row(
                title="the collector's memory",
                ours=most,
                peer=early,
                unit="x",
                values=growth,
                goal=at_most(bench.pick(1.25, 100)),
            ),
        ],
        checked="that the database has each action, and the store none any more",
        not_covered=["PostgreSQL", "several collectors at once"],
        settings={"database": "SQLite, WAL, synchronous", "batch": "10,000"},
    )


def _moved(bench: Bench, count: int, turn: int) -> dict[str, Any]:
    bench.empty()
    for first in range(0, count, _CALL):
        offered = [
            Offered(f"user-{n % 20_000}", ITEMS[n % len(ITEMS)], "like", f"{n:x}", None)
            for n in range(first, min(first + _CALL, count))
        ]
        bench.store.accept_actions(actions, offered)
    url = f"sqlite:///{bench.folder / f'actions-{turn}.db'}"
    command = [sys.executable, "-m", "benchmarks.collector", bench.settings.redis_url, url]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the collector failed: {done.stderr[-1000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    with open_actions_database(url) as database:
        if database.count() != count or bench.store.intake().waiting:
            raise RuntimeError(f"{database.count()} of {count} actions are in the database")
    return found
