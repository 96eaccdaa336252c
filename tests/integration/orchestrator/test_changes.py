"""An upstream change reaches its dependants once, however it comes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from batchwell import Computation, computation
from batchwell.drain import drain
from batchwell.errors import DefinitionError
from batchwell.orchestrator import DrainOperator, recompute_dag
from batchwell.orchestrator.assets import results_asset
from batchwell.orchestrator.dag import RecomputeOperator
from batchwell.store import Store

Any_ = Computation[Any, Any]


@computation(linger=timedelta(0))
def top(n: int) -> int:
    return n


@computation(depends_on=[top], linger=timedelta(0))
def left(n: int) -> int:
    return n


@computation(depends_on=[top], linger=timedelta(0))
def right(n: int) -> int:
    return n


@computation(depends_on=[left, right], hot_for=timedelta(hours=1), linger=timedelta(0))
def bottom(n: int) -> int:
    return n


@computation(depends_on=["s3://bucket/table"], linger=timedelta(0))
def importing(n: int) -> int:
    return n


def run(
    store: Store,
    subject: Any_,
    context: Any,
    events: dict[str, list[Any]],
    run_id: str = "some_run",
    try_number: int = 1,
) -> dict[str, Any]:
    """Run a computation's drain as its DAG does on these events; return what it tells on."""
    ti = {**vars(context["ti"]), "run_id": run_id, "try_number": try_number}
    told = context | {
        "run_id": run_id,
        "ti": SimpleNamespace(**ti),
        "triggering_asset_events": {
            results_asset(name): [SimpleNamespace(extra=extra, timestamp="t") for extra in extras]
            for name, extras in events.items()
        },
    }
    RecomputeOperator(task_id="drain", computation=subject).execute(told)
    extra: dict[str, Any] = context["outlet_events"][results_asset(subject.name)].extra
    return extra


def compute(store: Store, subject: Any_, *numbers: int) -> None:
    store.submit(subject, [subject.parse({"n": n}) for n in numbers])
    drain(store, subject)


def tell(store: Store, subject: Any_) -> None:
    """Have what was computed told by a run of before."""
    assert store.tell(subject, "a run of before/", worker="w", passing=False, again=False)


def generation(store: Store, subject: Any_) -> int:
    return store.count(subject).generation


def test_a_drain_that_wrote_results_tells_of_a_change_born_there(
    store: Store, context: Any
) -> None:
    store.submit(top, [top.parse({"n": 1})])
    told = run(store, top, context, {})
    assert told == {"results": 1, "changes": {"some_dag/some_run/1": "top"}}


def test_a_change_makes_values_stale_and_recomputes_them(store: Store, context: Any) -> None:
    compute(store, left, 1, 2)
    told = run(store, left, context, {"top": [{"changes": {"c1": "top"}}]})
    assert generation(store, left) == 1
    assert told["results"] == 4, "two of them by a drain that tells nobody"
    assert told["changes"] == {"c1": "top"}, "it travels on under its own name"
    result = store.read(left, left.parse({"n": 1}))
    assert result is not None
    assert (result.state, result.generation) == ("fresh", 1)


def test_a_change_travels_on_though_nothing_was_known(store: Store, context: Any) -> None:
    told = run(store, left, context, {"top": [{"changes": {"c1": "top"}}]})
    assert (told["results"], told["changes"]) == (0, {"c1": "top"})


def test_a_diamond_recomputes_once_for_a_change(store: Store, context: Any) -> None:
    compute(store, bottom, 1)
    change = {"changes": {"c1": "top"}}
    tell(store, bottom)
    with pytest.raises(Exception, match="nothing waited"):
        run(store, bottom, context, {"left": [change]})
    assert generation(store, bottom) == 0
    assert run(store, bottom, context, {"right": [change]})["results"] == 1
    assert generation(store, bottom) == 1
    with pytest.raises(Exception, match="nothing waited"):
        run(store, bottom, context, {"left": [change], "right": [change]}, "another")
    assert generation(store, bottom) == 1, "a repeated event changes nothing"


def test_a_change_born_half_way_comes_by_one_side_only(store: Store, context: Any) -> None:
    compute(store, bottom, 1)
    tell(store, bottom)
    assert run(store, bottom, context, {"left": [{"changes": {"c2": "left"}}]})["results"] == 1


def test_events_that_airflow_merged_into_one_run_are_all_heard(store: Store, context: Any) -> None:
    changes = [{"changes": {"c1": "top"}}, {"changes": {"c2": "left"}}]
    told = run(store, bottom, context, {"left": changes, "right": [changes[0]]})
    assert told["changes"] == {"c1": "top", "c2": "left"}


def test_an_airflow_asset_is_a_dependency_too(store: Store, context: Any) -> None:
    from airflow.sdk import Asset

    compute(store, importing, 1)
    event = SimpleNamespace(extra={}, timestamp="2026-01-01T00:00:00Z")
    told = context | {"triggering_asset_events": {Asset("s3://bucket/table"): [event]}}
    RecomputeOperator(task_id="drain", computation=importing).execute(told)
    assert generation(store, importing) == 1


def test_dependencies_are_part_of_the_schedule() -> None:
    dag = recompute_dag(bottom, schedule="0 3 * * *")
    condition: Any = dag.timetable.asset_condition
    names = [asset.name for asset in condition.objects]
    assert names == ["bottom_requests", "left_results", "right_results"]


def test_hot_values_without_a_schedule_are_refused() -> None:
    with pytest.raises(DefinitionError, match="bottom: hot_for needs a schedule"):
        recompute_dag(bottom)


def test_a_parameter_named_like_a_field_of_the_form_is_refused() -> None:
    @computation()
    def confusing(recompute: str) -> str:
        return recompute

    with pytest.raises(DefinitionError, match="confusing: a parameter cannot be named recompute"):
        recompute_dag(confusing)


@pytest.mark.parametrize("dependency", ["top", "batchwell://top/results", 3, None])
def test_what_is_no_dependency_is_refused_by_name(dependency: Any) -> None:
    with pytest.raises(DefinitionError, match="depends_on"):

        @computation(depends_on=[dependency])
        def lost(n: int) -> int:
            return n


def test_a_task_that_is_tried_again_passes_its_change_on(store: Store, context: Any) -> None:
    change = {"top": [{"changes": {"c1": "top"}}]}
    assert run(store, left, context, change)["changes"] == {"c1": "top"}
    assert run(store, left, context, change, try_number=2)["changes"] == {"c1": "top"}
    assert generation(store, left) == 1


def as_second_worker(context: Any) -> Any:
    ti = {**vars(context["ti"]), "task_id": "drain_more", "map_index": 0}
    return context | {"ti": SimpleNamespace(**ti)}


def test_the_last_worker_of_a_run_tells_for_all(store: Store, context: Any) -> None:
    events = {results_asset("top"): [SimpleNamespace(extra={"changes": {"c1": "top"}})]}
    told = context | {"triggering_asset_events": events}
    store.submit(left, [left.parse({"n": 1})])
    store.enlist(left, "some_dag/some_run/drain_more/0/1", worker_seconds=15)
    first = RecomputeOperator(task_id="drain", computation=left)
    assert first.execute(told)["succeeded"] == 1
    assert first.outlets == [], "so that Airflow makes no event of it"
    assert store.retire(left, "some_dag/some_run/drain_more/0/1", when="now")
    store.submit(left, [left.parse({"n": 2})])
    last = DrainOperator(task_id="drain_more", computation=left)
    last.execute(as_second_worker(told))
    assert last.outlets == [results_asset("left")]
    extra = context["outlet_events"][results_asset("left")].extra
    assert extra == {"results": 2, "changes": {"c1": "top"}}


def test_what_a_worker_computes_after_its_run_has_told_is_a_change_of_its_own(
    store: Store, context: Any
) -> None:
    assert run(store, left, context, {"top": [{"changes": {"c1": "top"}}]})["results"] == 0
    store.submit(left, [left.parse({"n": 1})])
    DrainOperator(task_id="drain_more", computation=left).execute(as_second_worker(context))
    extra = context["outlet_events"][results_asset("left")].extra
    assert extra == {"results": 1, "changes": {"some_dag/some_run/1": "left"}}
