"""The peers that compute from a queue: how their workers are started, how their results counted."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.bench import Bench
from benchmarks.peer_environments import CHECKOUT, peer_python
from benchmarks.processes import Program, running
from benchmarks.waiting import wait_until

_WARM_UP_FIRST, _WARM_UP_COUNT = 10**9, 50
_CELERY_OPTIONS = (
    *("--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING"),
    *("--without-gossip", "--without-mingle", "--without-heartbeat"),
)


@dataclass(frozen=True, kw_only=True)
class PeerQueue:
    """A peer: its module in ``benchmarks/peers``, its worker, and where its results are counted.

    ``counted``: the number of a database, and the command that counts the results in it;
    ``backlog``: how many tasks keep it busy for some seconds.
    """

    name: str
    module: str
    worker: tuple[str, ...]
    counted: tuple[int, tuple[str, ...]]
    backlog: int
    requirements: str = "requirements"
    env: dict[str, str] = field(default_factory=dict)

    def done(self, bench: Bench) -> int:
        """Count the results."""
        database, command = self.counted
        with bench.database(database) as redis:
            return int(redis.execute_command(*command))

    def drive(self, bench: Bench, verb: str, first: int, count: int) -> Any:
        """Have the peer's driver do something (see `benchmarks.peers.drive`)."""
        python = str(peer_python(self.requirements))
        done = subprocess.run(
            [python, "-m", "benchmarks.peers.drive", self.module, verb, str(first), str(count)],
            cwd=CHECKOUT,
            env={**bench.peer_env, **self.env},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name}: {verb} failed: {done.stderr[-2000:]}")
        return json.loads(done.stdout) if done.stdout else None

    @contextmanager
    def working(self, bench: Bench) -> Iterator[list[Program]]:
        """Run its two worker processes; yield once they have computed something."""
        command, *options = self.worker
        binary = peer_python(self.requirements).with_name(command)
        url = f"{bench.peer_env['BENCH_STORE']}/0"
        env = {**bench.peer_env, **self.env, "RQ_REDIS_URL": url}
        programs = [bench.start([binary, *options], env, self.module)]
        with running(programs):
            self.drive(bench, "fill", _WARM_UP_FIRST, _WARM_UP_COUNT)
            programs[0].wait_until("results", lambda: self.done(bench) >= _WARM_UP_COUNT)
            yield programs

    def wait_done(self, bench: Bench, count: int, seconds: float) -> None:
        """Wait for so many results beyond those of the warm-up."""
        database, command = self.counted
        with bench.database(database) as redis:
            wait_until(
                f"end of {count} tasks of {self.name}",
                lambda: int(redis.execute_command(*command)) >= _WARM_UP_COUNT + count,
                seconds,
                0.005,
            )


def _celery(name: str, module: str, backlog: int, requirements: str = "requirements") -> PeerQueue:
    app = f"benchmarks.peers.{module}:app"
    return PeerQueue(
        name=name,
        module=module,
        worker=("celery", "--app", app, "worker", *_CELERY_OPTIONS),
        counted=(1, ("DBSIZE",)),
        backlog=backlog,
        requirements=requirements,
    )


CELERY = _celery("Celery", "celery_queue", 4000)
CELERY_LEAN = _celery("Celery, values kept by the task", "celery_lean_queue", 6000)
BATCHES = _celery("celery-batches", "batches_queue", 10_000, "requirements-batches")
RQ = PeerQueue(
    name="RQ",
    module="rq_queue",
    worker=(
        *("rq", "worker-pool", "--num-workers", "2", "--worker-class", "rq.SimpleWorker"),
        *("--logging-level", "WARNING", "bench"),
    ),
    counted=(0, ("ZCARD", "rq:finished:bench")),
    backlog=2000,
)
DRAMATIQ = PeerQueue(
    name="Dramatiq",
    module="dramatiq_queue",
    worker=(
        *("dramatiq", "benchmarks.peers.dramatiq_queue", "--processes", "2", "--threads", "4"),
        "--skip-logging",
    ),
    counted=(1, ("DBSIZE",)),
    backlog=4000,
)
HUEY = PeerQueue(
    name="Huey",
    module="huey_queue",
    worker=(
        *("huey_consumer", "benchmarks.peers.huey_queue.huey", "--workers", "2"),
        *("--worker-type", "process", "--no-periodic", "--quiet"),
    ),
    counted=(0, ("HLEN", "huey.results.bench")),
    backlog=8000,
)
HUEY_NOTIFYING = replace(HUEY, env={"HUEY_NOTIFIES": "1"})
