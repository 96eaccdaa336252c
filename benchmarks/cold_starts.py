"""A cold request, from submit to value: against a bare asset event, to the first line of its task.

Both on one running system (scheduler, triggerer, dag-processor, api-server of ``scripts/up``), in
turn, each when all runs before have ended. Batchwell: over HTTP, a computation whose workers do
not linger; the value is computed and read by the client. The peer has no work, no queue and
no value: a trigger that subscribes to Redis and turns a message into an asset event, and a DAG
with one task, whose first line takes the time. Beside it the same DAG woken by an event that is
posted to Airflow's REST API, which spares the way through the triggerer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from benchmarks.airflow_side import AirflowSide, airflow_side
from benchmarks.bench import Bench
from benchmarks.records import Figure, at_most, measures_of, ratio
from benchmarks.repeating import alternate
from benchmarks.waiting import wait_until

_MOST_SECONDS = 60.0
_CHANNEL, _LINES = "bare:events", "bare:first_lines"  # of bare_trigger.py and dags/bare_event.py


def measure(bench: Bench) -> Figure:
    """Wake Airflow by each, in turn."""
    with airflow_side(bench) as airflow:
        for dag in ("recompute_cold", "bare_event"):
            airflow.wait_for_dag(dag)
        wait_until(
            "subscription of the bare trigger",
            lambda: dict(airflow.redis.pubsub_numsub(_CHANNEL))[_CHANNEL.encode()] > 0,
        )
        numbers = count(time.time_ns())
        subjects: dict[str, Callable[[], float]] = {
            "Batchwell, submit to value": lambda: _cold(airflow, next(numbers)),
            "a trigger's event to the first line": partial(_bare, airflow, _publish),
            "an event by REST to the first line": partial(_bare, airflow, _post),
        }
        if not bench.tiny:
            alternate(subjects, 1)
        found = alternate(subjects, bench.pick(2 * bench.repetitions, 1))
    ours, bare, posted = measures_of("s", found)
    return Figure(
        name="cold_starts",
        title="A cold request through Airflow",
        rows=[
            ratio("cold: submit to value", ours, bare, at_most(1.15)),
            ratio("cold: submit to value", ours, posted),
        ],
        checked="the value; that a task ran for each event",
        not_covered=[
            "other executors and databases: LocalExecutor and SQLite here, all on one machine",
            "a scheduler that has other work",
        ],
        settings={"Airflow": "as scripts/up configures it"},
    )


def _cold(airflow: AirflowSide, n: int) -> float:
    airflow.wait_idle("recompute_cold")
    started = time.time()
    answer = airflow.system.submit("cold", {"n": n})
    if answer.status_code != 202:
        raise RuntimeError(f"not a cold request: {answer.status_code} {answer.text}")
    location = answer.headers["Location"]
    document: dict[str, Any] = {}

    def succeeded() -> bool:
        document.update(airflow.system.get(location).json())
        return bool(document["status"] == "succeeded")

    wait_until("value", succeeded, _MOST_SECONDS, 0.01)
    took = time.time() - started
    if document["result"]["value"] != n + 1:
        raise RuntimeError(f"the successor of {n} is not {document['result']['value']}")
    return took


def _bare(airflow: AirflowSide, wake: Callable[[AirflowSide], None]) -> float:
    airflow.wait_idle("bare_event")
    airflow.redis.delete(_LINES)
    started = time.time()
    wake(airflow)
    line = airflow.redis.blpop([_LINES], timeout=_MOST_SECONDS)
    if line is None:
        raise TimeoutError("no task ran after the event")
    return float(line[1]) - started


def _publish(airflow: AirflowSide) -> None:
    airflow.redis.publish(_CHANNEL, "now")


def _post(airflow: AirflowSide) -> None:
    [asset] = airflow.api("assets?name_pattern=bare_asset")["assets"]
    airflow.api("assets/events", {"asset_id": asset["id"]})
