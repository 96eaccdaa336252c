"""Requests a second through Airflow: ours, drained by one run, against one run for each request.

On one running system, in turn. The peer is what Airflow offers by itself: ``POST …/dagRuns`` for
each request, with the parameter in ``conf``, and a task that keeps the value in Redis; 32 runs may
be active at once. Ours are asked for by four threads over HTTP, the runs by one: more of them only
wait for each other in Airflow's database. The clock runs from the first request to the last value.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from typing import Any

import requests

from benchmarks.airflow_side import AirflowSide, airflow_side
from benchmarks.bench import Bench
from benchmarks.dags.computations.cold import cold
from benchmarks.records import Figure, measures_of, ratio
from benchmarks.repeating import alternate
from benchmarks.waiting import wait_until

_MOST_SECONDS = 300.0
_CLIENTS = 4
_TIMEOUT_SECONDS = 120.0
_VALUES = "bare:values"


def measure(bench: Bench) -> Figure:
    """Ask by each, in turn."""
    ours, theirs = bench.pick(2000, 5), bench.pick(30, 1)
    firsts = count(time.time_ns(), 1_000_000)
    with airflow_side(bench) as airflow:
        for dag in ("recompute_cold", "bare_request"):
            airflow.wait_for_dag(dag)
        subjects: dict[str, Callable[[], float]] = {
            "Batchwell": lambda: _drained(airflow, range(first := next(firsts), first + ours)),
            "one run per request": partial(_run_each, airflow, firsts, theirs),
        }
        found = alternate(subjects, min(3, bench.repetitions))
    batchwell, bare = measures_of("requests/s", found)
    return Figure(
        name="airflow_runs",
        title="Requests through Airflow",
        rows=[ratio("tiny requests through Airflow", batchwell, bare)],
        checked="every value",
        not_covered=["other executors and databases: LocalExecutor and SQLite here"],
        settings={
            "requests": f"{ours} of ours, {theirs} runs",
            "clients": f"{_CLIENTS} threads, and one",
        },
    )


def _drained(airflow: AirflowSide, numbers: Sequence[int]) -> float:
    airflow.wait_idle("recompute_cold")
    before = airflow.store.count(cold).succeeded
    url = f"{airflow.system.web}/api/v1/computations/cold/requests"
    started = time.perf_counter()
    with requests.Session() as http:
        _post_each(http, url, [{"params": {"n": n}} for n in numbers], clients=_CLIENTS)
    wait_until(
        "end of the requests",
        lambda: airflow.store.count(cold).succeeded >= before + len(numbers),
        _MOST_SECONDS,
    )
    took = time.perf_counter() - started
    submissions = airflow.store.submit(cold, [cold.parse({"n": n}) for n in numbers])
    values = [each.result.value if each.result else None for each in submissions]
    if values != [str(n + 1) for n in numbers]:
        raise RuntimeError("not all values are right")
    return len(numbers) / took


def _run_each(airflow: AirflowSide, firsts: count[int], number: int) -> float:
    first = next(firsts)
    numbers = range(first, first + number)
    airflow.redis.delete(_VALUES)
    token = airflow.system.http.get(f"{airflow.system.airflow}/auth/token", timeout=30).json()
    url = f"{airflow.system.airflow}/api/v2/dags/bare_request/dagRuns"
    started = time.perf_counter()
    with requests.Session() as http:
        http.headers["Authorization"] = f"Bearer {token['access_token']}"
        bodies = [{"logical_date": None, "conf": {"n": n}} for n in numbers]
        _post_each(http, url, bodies, clients=1)
    wait_until("values", lambda: airflow.redis.hlen(_VALUES) >= number, _MOST_SECONDS)
    took = time.perf_counter() - started
    values = {int(n): int(value) for n, value in airflow.redis.hgetall(_VALUES).items()}
    if values != {n: n + 1 for n in numbers}:
        raise RuntimeError("not all values are right")
    airflow.wait_idle("bare_request")
    return number / took


def _post_each(
    http: requests.Session, url: str, bodies: Sequence[dict[str, Any]], *, clients: int
) -> None:
    def post(body: dict[str, Any]) -> None:
        answer = http.post(url, json=body, timeout=_TIMEOUT_SECONDS)
        if not answer.ok:
            raise RuntimeError(f"{answer.status_code} {answer.text}")

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(post, bodies))
