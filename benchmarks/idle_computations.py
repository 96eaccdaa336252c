"""What computations cost that nobody asks for: the triggerer's CPU, and the reading of their DAGs.

One running system, to whose DAG folder computations are added, one file and one wiring file each:
none, one, ten, a hundred. Each time, once all of them are watched: the CPU time of the triggerer
and its children for a while, and the time that Airflow says it took to parse the wiring files.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from batchwell import keys
from batchwell.local.processes import read_record
from batchwell.local.sessions import list_members
from benchmarks.airflow_side import AirflowSide, airflow_side
from benchmarks.bench import Bench
from benchmarks.records import Figure, Measure, Row, at_most, growth
from benchmarks.waiting import wait_until

_SEEN_SECONDS = 300.0
_COMPUTATION = '''"""A computation that nobody asks for."""

from batchwell import computation


@computation()
def {name}(n: int) -> int:
    """Return a number."""
    return n
'''
_WIRING = '''"""Airflow DAG of a computation that nobody asks for."""

from batchwell.orchestrator import recompute_dag
from computations.{name} import {name}

dag = recompute_dag({name})
'''


def measure(bench: Bench) -> Figure:
    """Add computations, and look at the triggerer."""
    sizes = bench.pick((1, 10, 100), (1, 2))
    seconds, windows = bench.pick(30.0, 0.5), bench.pick(3, 1)
    shares: dict[int, list[float]] = {}
    parse: dict[int, list[float]] = {}
    with airflow_side(bench) as airflow:
        airflow.wait_for_dag("recompute_cold")
        time.sleep(bench.pick(30.0, 0.0))
        shares[0] = _triggerer_shares(airflow, seconds, windows)
        for size in sizes:
            names = [f"idle_{number:03}" for number in range(size)]
            _add(airflow.system.dags_folder, names)
            wait_until("watching", partial(_are_watched, airflow, names), _SEEN_SECONDS, 1.0)
            time.sleep(bench.pick(30.0, 0.0))
            shares[size] = _triggerer_shares(airflow, seconds, windows)
            parse[size] = [sum(_parse_seconds(airflow, name) for name in names)]
    last = sizes[-1]
    triggerer = Measure(
        subject=f"{last} idle computations", unit="% of a core", values=shares[last]
    )
    parsing = Measure(subject=f"{last} wiring files", unit="s", values=parse[last])
    return Figure(
        name="idle_computations",
        title="A hundred idle computations",
        rows=[
            Row(
                title="triggerer's CPU",
                ours=triggerer,
                peer=Measure(
                    subject="the same triggerer before", unit="% of a core", values=shares[0]
                ),
                unit="%",
                values=shares[last],
                goal=at_most(2),
            ),
            Row(
                title="parsing all DAG files", ours=parsing, peer=None, unit="s", values=parse[last]
            ),
        ],
        checked="that the triggerer watched all, and that Airflow had parsed all their DAGs",
        not_covered=["what the scheduler, the dag-processor and the api-server take when idle"],
        settings={"Airflow": "as scripts/up configures it", "window": f"{seconds:g} s"},
        charts=[
            growth(
                "idle-triggerer",
                "CPU of the triggerer",
                "computations",
                "% of a core",
                {size: shares[size] for size in sizes},
                "less",
                linear="proportional",
            ),
            growth(
                "idle-parse",
                "Seconds to parse all DAG files",
                "computations",
                "s",
                parse,
                "less",
                linear="proportional",
            ),
        ],
    )


def _add(dags: Path, names: list[str]) -> None:
    for name in names:
        (dags / "computations" / f"{name}.py").write_text(_COMPUTATION.format(name=name))
        wiring = dags / f"recompute_{name}.py"
        if not wiring.exists():
            wiring.write_text(_WIRING.format(name=name))


def _are_watched(airflow: AirflowSide, names: list[str]) -> bool:
    return all(
        airflow.redis.hexists(f"{keys.root('bw', name)}:meta", "watched_at") for name in names
    )


def _parse_seconds(airflow: AirflowSide, name: str) -> float:
    return float(airflow.api(f"dags/recompute_{name}")["last_parse_duration"])


def _triggerer_shares(airflow: AirflowSide, seconds: float, windows: int) -> list[float]:
    shares = []
    for _ in range(windows):
        before, started = _cpu_seconds(airflow), time.perf_counter()
        time.sleep(seconds)
        used = _cpu_seconds(airflow) - before
        shares.append(100 * used / (time.perf_counter() - started))
    return shares


def _cpu_seconds(airflow: AirflowSide) -> float:
    leader = read_record(airflow.system.home / "processes.json")["triggerer"]
    times = [process.cpu_times() for process in list_members(leader)]
    return sum(one.user + one.system for one in times)
