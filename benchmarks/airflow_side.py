"""A whole running system, as ``scripts/up`` starts it, with the benchmarks' DAGs beside ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from redis import Redis

from batchwell.connection import connect
from batchwell.store import Store
from benchmarks.bench import DAGS, Bench
from benchmarks.waiting import wait_until
from tests.acceptance.running_system import RunningSystem

_FILES = ("recompute_cold.py", "bare_event.py", "bare_request.py", "computations/cold.py")
_IDLE_SECONDS = 120.0


def install(dags: Path, home: Path) -> None:
    """Add the benchmarks' DAGs to a folder, and what they import to Airflow's home."""
    for name in _FILES:
        (dags / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DAGS / name, dags / name)
    config = home / "airflow" / "config"
    config.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("bare_trigger.py"), config / "bare_trigger.py")


class AirflowSide:
    """One running system and its store."""

    def __init__(self, system: RunningSystem) -> None:
        """Connect to the store that it runs."""
        self.system = system
        url = (system.home / "redis.url").read_text().strip()
        self.redis = Redis.from_url(url, socket_timeout=None)
        self.store = Store(connect(url))

    def close(self) -> None:
        """Disconnect."""
        self.redis.close()
        self.store.client.close()

    def api(self, path: str, body: Any = None) -> Any:
        """Get, or post, something of Airflow's REST API."""
        return self.system.airflow_api(path, body)

    def wait_for_dag(self, dag: str) -> None:
        """Wait until Airflow has read the DAG's file."""
        wait_until(dag, lambda: self.api(f"dags?dag_id_pattern={dag}")["total_entries"] > 0, 120)

    def wait_idle(self, dag: str) -> None:
        """Wait until no run of the DAG is under way, or about to be."""
        path = f"dags/{dag}/dagRuns?state=running&state=queued"
        wait_until(
            f"end of the runs of {dag}",
            lambda: self.api(path)["total_entries"] == 0,
            _IDLE_SECONDS,
            0.25,
        )


@contextmanager
def airflow_side(bench: Bench) -> Iterator[AirflowSide]:
    """Start a system, or use the one that the bench was given."""
    system = bench.system
    if system is None:
        dags, home = bench.folder / "dags", bench.folder / "system"
        (dags / "computations").mkdir(parents=True)
        (dags / "computations" / "__init__.py").touch()
        install(dags, home)
        system = RunningSystem(home, dags)
        system.start()
    side = AirflowSide(system)
    try:
        yield side
    finally:
        side.close()
        if bench.system is None:
            system.stop()
