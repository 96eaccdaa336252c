"""All figures, by the name under which each is measured alone."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import (
    actions_moved,
    actions_taken,
    airflow_runs,
    backlog,
    busy_reads,
    cold_starts,
    cpu_batch,
    drains,
    feeds,
    idle_computations,
    reads,
    round_trips,
    sizes,
    submits,
    verbs,
    waiting_clients,
)
from benchmarks.bench import Bench
from benchmarks.records import Figure

NEEDING_AIRFLOW = ("cold_starts", "airflow_runs", "idle_computations")
FIGURES: dict[str, Callable[[Bench], Figure]] = {
    "reads": reads.measure,
    "submits": submits.measure,
    "drains": drains.measure,
    "round_trips": round_trips.measure,
    "cpu_batch": cpu_batch.measure,
    "busy_reads": busy_reads.measure,
    "waiting_clients": waiting_clients.measure,
    "cold_starts": cold_starts.measure,
    "airflow_runs": airflow_runs.measure,
    "idle_computations": idle_computations.measure,
    "actions_taken": actions_taken.measure,
    "actions_moved": actions_moved.measure,
    "feeds": feeds.measure,
    "backlog": backlog.measure,
    "sizes": sizes.measure,
    "verbs": verbs.measure,
}
