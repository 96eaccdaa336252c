"""The main job on the real processes: ask over HTTP, Airflow computes, the answer is served."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from computations.option_price import option_price
from tests.acceptance.running_system import RunningSystem, wait_for

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]


def test_the_articles_story(system: RunningSystem) -> None:
    assert system.get("/current").text == "Current fibonacci number is 0"
    started = time.monotonic()
    answer = system.get("/set/35")
    assert time.monotonic() - started < 2
    assert answer.text == "New Fibonacci number will be assigned soon."
    wait_for(
        "fibonacci(35)",
        lambda: system.get("/current").text == "Current fibonacci number is 9227465",
    )


def test_a_request_goes_from_pending_to_a_fresh_value(system: RunningSystem) -> None:
    answer = system.submit("fibonacci", {"n": 30})
    assert answer.status_code == 202
    location = answer.headers["Location"]
    seen: list[str] = []

    def ended() -> dict[str, Any] | None:
        document: dict[str, Any] = system.get(location).json()
        if document["status"] not in seen:
            seen.append(document["status"])
        return document if document["status"] == "succeeded" else None

    document = wait_for("value", ended)
    order = ["pending", "running", "succeeded"]
    assert seen == [status for status in order if status in seen]
    result = document["result"]
    assert (result["value"], result["state"]) == (832040, "fresh")
    assert result["provenance"]["dag_id"] == "recompute_fibonacci"
    runs = {run["dag_run_id"] for run in system.runs("fibonacci")}
    assert result["provenance"]["run_id"] in runs

    again = system.submit("fibonacci", {"n": 30})
    assert again.status_code == 200
    assert again.json()["value"] == 832040


def test_500_single_requests_are_computed_in_a_few_batches_by_one_run(
    system: RunningSystem,
) -> None:
    options = [
        {"spot": 100.0, "strike": 60.0 + n / 5, "volatility": 0.2, "years": 1.0, "rate": 0.02}
        for n in range(500)
    ]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda option: system.submit("option_price", option), options))
    assert {answer.status_code for answer in answers} == {202}
    documents = [system.finished(answer.headers["Location"]) for answer in answers]
    assert {document["status"] for document in documents} == {"succeeded"}
    origins = [document["result"]["provenance"] for document in documents]
    assert len({origin["run_id"] for origin in origins}) == 1
    batches = sum(1 / origin["batch_size"] for origin in origins)
    assert batches <= 20, [origin["batch_size"] for origin in origins]
    models = [option_price.parameters_model.model_validate(option) for option in options]
    for document, price in zip(documents, option_price(models), strict=True):  # type: ignore[arg-type]  # a subclass of Option
        value = document["result"]["value"]
        assert value == option_price.result_adapter.dump_python(price, mode="json")


def test_there_is_one_unpaused_dag_per_computation(system: RunningSystem) -> None:
    catalogue = system.get("/api/v1/computations").json()["computations"]
    names = {computation["name"] for computation in catalogue}
    assert {"hello", "fibonacci", "option_price", "digits_classifier"} <= names
    dags = system.airflow_api("dags")["dags"]
    expected = {f"recompute_{name}" for name in names} | {"maintain_airflow"}
    # Beside them stand those that benchmarks measure.
    running = {dag["dag_id"] for dag in dags if not dag["is_paused"]}
    assert expected <= running


def test_a_run_by_hand_makes_its_result_readable_over_http(system: RunningSystem) -> None:
    run = system.airflow_api(
        "dags/recompute_fibonacci/dagRuns", {"logical_date": None, "conf": {"n": 20}}
    )
    path = "/api/v1/computations/fibonacci/result?n=20"
    wait_for("fibonacci(20)", lambda: system.get(path).status_code == 200)
    assert system.get(path).json()["value"] == 6765
    path = f"dags/recompute_fibonacci/dagRuns/{run['dag_run_id']}"
    wait_for("end of the run", lambda: system.airflow_api(path)["state"] == "success")


def test_progress_and_the_greeting_of_the_article(system: RunningSystem) -> None:
    location = system.submit("hello", {"name": "Ada"}).headers["Location"]
    fractions = set()

    def ended() -> bool:
        document = system.get(location).json()
        fractions.add(document["progress"]["fraction"])
        return bool(document["status"] == "succeeded")

    wait_for("greeting", ended)
    assert len(fractions) > 3
    assert system.get(location).json()["result"]["value"] == "Hello, Ada!"


def test_the_cron_run_recomputes_what_is_stale(system: RunningSystem) -> None:
    first = system.finished(system.submit("ticking", {"n": 7}).headers["Location"])

    def recomputed() -> dict[str, Any] | None:
        latest: dict[str, Any] = system.get("/api/v1/computations/ticking/latest").json()
        return latest if latest["request"] != first["id"] else None

    latest = wait_for("scheduled run", recomputed, 150)
    kinds = {run["dag_run_id"]: run["run_type"] for run in system.runs("ticking")}
    assert kinds[latest["provenance"]["run_id"]] == "scheduled"


def test_a_module_that_does_not_import_is_named_and_the_others_go_on(
    system: RunningSystem,
) -> None:
    (warning,) = system.get("/readyz").json()["warnings"]
    assert "computations.broken" in warning
    assert "this module is broken on purpose" in warning
    assert "computations.broken" in system.get("/").text


def test_an_idle_system_creates_no_runs(system: RunningSystem) -> None:
    names = ("fibonacci", "hello", "option_price", "digits_classifier")

    def settled() -> bool:
        return all(
            run["state"] in ("success", "failed") for name in names for run in system.runs(name)
        )

    wait_for("idleness", settled)
    before = [len(system.runs(name)) for name in names]
    time.sleep(20)
    assert [len(system.runs(name)) for name in names] == before


def test_a_second_start_finds_all_its_state(system: RunningSystem) -> None:
    current = system.get("/current").text
    runs = len(system.runs("fibonacci"))
    system.stop()
    system.start()
    assert system.get("/current").text == current
    answer = system.submit("fibonacci", {"n": 30})
    assert answer.status_code == 200, f"{answer.text}\n{system.logs()}"
    assert len(system.runs("fibonacci")) >= runs
    location = system.submit("fibonacci", {"n": 12}).headers["Location"]
    assert system.finished(location)["result"]["value"] == 144
