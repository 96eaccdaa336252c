from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from airflow.exceptions import ParamValidationError

from batchwell import Computation, computation
from batchwell.drain import drain
from batchwell.orchestrator.dag import RecomputeOperator
from batchwell.store import Store
from tests.integration.orchestrator.conftest import DAGS
from tests.stored import set_result_field

pytestmark = pytest.mark.filterwarnings(
    # Airflow's own, from its in-process API server and its database session.
    "ignore::DeprecationWarning",
    "ignore::ResourceWarning",
    "ignore:Using `httpx` with `starlette.testclient`",
)


@pytest.fixture
def halving(airflow_database: None) -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("halving_dag", DAGS / "halving_dag.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["halving_dag"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["halving_dag"]


def read(store: Store, computation: Computation[Any, Any], n: int) -> Any:
    result = store.read(computation, computation.parse({"n": n}))
    return None if result is None else (result.value, result.dag_id, result.run_id)


def test_description_tags_and_form_come_from_the_computation(halving: ModuleType) -> None:
    dag = halving.dag
    assert dag.dag_id == "recompute_halved"
    assert dag.description == "Halve a number"
    assert dag.doc_md == "Halve a number.\n\nNothing more."
    assert dag.tags == {"batchwell", "arithmetic"}
    field = dag.params.get_param("n")
    assert field.description == "What to halve."
    assert field.schema["type"] == ["integer", "null"]
    assert (field.schema["minimum"], field.schema["maximum"]) == (0, 100)
    assert dag.is_paused_upon_creation is False


def test_the_schedule_is_cron_or_event(halving: ModuleType) -> None:
    timetable = halving.dag.timetable
    (asset,) = timetable.asset_condition.objects
    assert asset.name == "halved_requests"
    assert asset.watchers[0].trigger.serialize()[1]["computation"] == "halved"
    assert timetable.timetable.expression == "0 3 * * *"


def test_a_run_by_hand_computes_the_parameters_of_its_form(
    halving: ModuleType, store: Store
) -> None:
    run = halving.dag.test(run_conf={"n": 20})
    assert run.state == "success"
    assert read(store, halving.halved, 20) == ("10.0", "recompute_halved", run.run_id)


def test_a_run_by_hand_recomputes_even_what_is_fresh(halving: ModuleType, store: Store) -> None:
    halving.dag.test(run_conf={"n": 4})
    again = halving.dag.test(run_conf={"n": 4})
    assert read(store, halving.halved, 4) == ("2.0", "recompute_halved", again.run_id)


def test_a_run_with_an_empty_form_drains_what_waits(halving: ModuleType, store: Store) -> None:
    waiting = [halving.halved.parse({"n": n}) for n in range(10)]
    store.submit(halving.halved, waiting)
    run = halving.dag.test()
    assert run.state == "success"
    assert [read(store, halving.halved, n)[0] for n in (0, 1, 9)] == ["0.0", "0.5", "4.5"]
    assert store.count(halving.halved).pending == 0


def test_a_run_with_nothing_to_do_succeeds_with_its_drain_skipped(
    halving: ModuleType, store: Store
) -> None:
    run = halving.dag.test()
    assert run.state == "success"
    states = {instance.task_id: instance.state for instance in run.get_task_instances()}
    assert states["drain"] == "skipped"


def test_the_form_refuses_what_the_signature_refuses(halving: ModuleType, store: Store) -> None:
    with pytest.raises(ParamValidationError):
        halving.dag.test(run_conf={"n": 101})
    assert store.count(halving.halved).pending == 0


def test_a_scheduled_run_recomputes_what_is_stale_and_leaves_the_fresh(
    halving: ModuleType, store: Store
) -> None:
    stale, fresh = (halving.halved.parse({"n": n}) for n in (6, 8))
    store.submit(halving.halved, [stale, fresh])
    drain(store, halving.halved)
    set_result_field(store, "halved", stale.digest, "fresh_until", 1)
    scheduled = {
        "params": {"n": None},
        "dag_run": SimpleNamespace(run_type="scheduled"),
        "triggering_asset_events": {},
    }
    halving.dag.get_task("drain").prepare(store, scheduled)
    assert store.count(halving.halved).pending == 1
    run = halving.dag.test()
    assert read(store, halving.halved, 6) == ("3.0", "recompute_halved", run.run_id)
    assert read(store, halving.halved, 8) == ("4.0", None, None)


@pytest.mark.parametrize(("mode", "recomputed"), [("refresh", [6]), ("everything", [6, 8])])
def test_the_modes_of_the_form_choose_among_known_values(
    halving: ModuleType, store: Store, mode: str, recomputed: list[int]
) -> None:
    stale, fresh = (halving.halved.parse({"n": n}) for n in (6, 8))
    store.submit(halving.halved, [stale, fresh])
    drain(store, halving.halved)
    set_result_field(store, "halved", stale.digest, "fresh_until", 1)
    run = halving.dag.test(run_conf={"recompute": mode})
    assert run.state == "success"
    by_this_run = [n for n in (6, 8) if read(store, halving.halved, n)[2] == run.run_id]
    assert by_this_run == recomputed


def test_a_list_of_parameters_is_computed_by_hand(halving: ModuleType, store: Store) -> None:
    run = halving.dag.test(run_conf={"recompute_items": [{"n": 1}, {"n": 2}]})
    assert run.state == "success"
    assert [read(store, halving.halved, n)[0] for n in (1, 2)] == ["0.5", "1.0"]


@pytest.mark.parametrize(
    "conf", [{"recompute": "all"}, {"recompute_items": [{"n": 101}]}, {"recompute_items": [{}]}]
)
def test_the_form_refuses_unknown_modes_and_bad_lists(
    halving: ModuleType, store: Store, conf: dict[str, Any]
) -> None:
    with pytest.raises(ParamValidationError):
        halving.dag.test(run_conf=conf)


@computation(fresh_for=None)
def standing() -> int:
    return 1


@pytest.mark.parametrize(
    ("run_type", "form", "changes", "pending"),
    [
        ("scheduled", {}, {}, 1),
        ("asset_triggered", {}, {"c1": "actions"}, 1),
        ("manual", {"recompute": "refresh"}, {}, 1),
        ("manual", {}, {}, 0),
        ("asset_triggered", {}, {}, 0),
    ],
)
def test_what_takes_no_parameters_is_asked_for_though_nobody_has(
    airflow_database: None,
    store: Store,
    run_type: str,
    form: dict[str, str],
    changes: dict[str, str],
    pending: int,
) -> None:
    task = RecomputeOperator(task_id="drain", computation=standing)
    task.changes = changes
    task.prepare(store, {"params": form, "dag_run": SimpleNamespace(run_type=run_type)})
    assert store.count(standing).pending == pending


def test_what_stands_and_is_fresh_is_left(airflow_database: None, store: Store) -> None:
    store.submit(standing, standing.standing)
    drain(store, standing, linger_seconds=0)
    task = RecomputeOperator(task_id="drain", computation=standing)
    task.prepare(store, {"params": {}, "dag_run": SimpleNamespace(run_type="scheduled")})
    assert store.count(standing).pending == 0
