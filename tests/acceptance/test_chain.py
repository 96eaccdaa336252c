"""Three computations in a chain on the real processes: a change runs through all of them."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.acceptance.running_system import RunningSystem, wait_for

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


def latest(system: RunningSystem, name: str) -> dict[str, Any]:
    document: dict[str, Any] = system.get(f"/api/v1/computations/{name}/latest").json()
    return document


def noted(system: RunningSystem, name: str, run_id: str) -> str | None:
    note: str | None = system.airflow_api(f"dags/recompute_{name}/dagRuns/{run_id}")["note"]
    return note


def test_a_change_runs_through_a_chain_of_three(system: RunningSystem) -> None:
    for name in ("reported", "cleaned"):
        location = system.submit(name, {"n": 1}).headers["Location"]
        assert system.finished(location)["status"] == "succeeded"
    # What was written to the second is a change for the third already.
    wait_for("recompute of the third", lambda: latest(system, "reported")["value"] == 2)
    before = {name: latest(system, name) for name in ("reported", "cleaned")}

    system.finished(system.submit("measured", {"n": 1}).headers["Location"])
    wait_for(
        "recompute of the third by the change of the first",
        lambda: latest(system, "reported")["value"] == 3,
        120,
    )
    for name in ("cleaned", "reported"):
        after = latest(system, name)
        assert after["state"] == "fresh"
        origin = after["provenance"]
        assert origin["generation"] > before[name]["provenance"]["generation"]
        runs = {run["dag_run_id"]: run for run in system.runs(name)}
        run = runs[origin["run_id"]]
        assert run["run_type"] == "asset_triggered"
        note = partial(noted, system, name, origin["run_id"])
        wait_for("note of the run", note)
        assert str(note()).startswith("1 computed, in 1 batch. [Requests and batches](")


def test_the_chain_is_a_graph_in_airflows_asset_view(system: RunningSystem) -> None:
    assets = {asset["name"]: asset for asset in system.airflow_api("assets?limit=100")["assets"]}
    produced = {
        name: [task["dag_id"] for task in assets[f"{name}_results"]["producing_tasks"]]
        for name in ("measured", "cleaned", "reported")
    }
    assert {name: set(dags) for name, dags in produced.items()} == {
        name: {f"recompute_{name}"} for name in produced
    }
    scheduled = {
        name: {dag["dag_id"] for dag in assets[f"{name}_results"]["scheduled_dags"]}
        for name in ("measured", "cleaned")
    }
    assert scheduled == {"measured": {"recompute_cleaned"}, "cleaned": {"recompute_reported"}}


def test_airflows_own_database_is_cleaned_by_a_dag(system: RunningSystem) -> None:
    run = system.airflow_api("dags/maintain_airflow/dagRuns", {"logical_date": None})
    path = f"dags/maintain_airflow/dagRuns/{run['dag_run_id']}"
    ended = ("success", "failed")
    wait_for("end of the run", lambda: system.airflow_api(path)["state"] in ended, 120)
    assert system.airflow_api(path)["state"] == "success"
