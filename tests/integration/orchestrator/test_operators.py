from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    TaskDeferred,
)

from batchwell import Computation, computation
from batchwell.drain import drain
from batchwell.orchestrator import DrainOperator, RequestsWaitingSensor, SubmitOperator
from batchwell.orchestrator.assets import results_asset
from batchwell.orchestrator.dag import RecomputeOperator
from batchwell.store import Store

Doubled = Computation[Any, Any]


def test_drain_computes_what_waits_and_tells_its_counts(
    store: Store, doubled: Doubled, context: Any
) -> None:
    store.submit(doubled, [doubled.parse({"n": n}) for n in range(5)])
    told = DrainOperator(task_id="drain", computation=doubled).execute(context)
    assert told["succeeded"] == 5
    result = store.read(doubled, doubled.parse({"n": 4}))
    assert result is not None
    assert (result.value, result.dag_id, result.run_id) == ("8", "some_dag", "some_run")
    assert context["outlet_events"][results_asset("doubled")].extra["results"] == 5


def test_drain_is_skipped_when_nothing_waits(store: Store, doubled: Doubled, context: Any) -> None:
    with pytest.raises(AirflowSkipException):
        DrainOperator(task_id="drain", computation=doubled).execute(context)


def test_drain_fails_when_nothing_succeeded(store: Store, doubled: Doubled, context: Any) -> None:
    store.submit(doubled, [doubled.parse({"n": 13})])
    pushed: dict[str, Any] = {}
    context["ti"].xcom_push = lambda key, value: pushed.update({key: value})
    with pytest.raises(AirflowFailException, match="1 requests failed"):
        DrainOperator(task_id="drain", computation=doubled).execute(context)
    assert pushed["return_value"]["failed"] == 1, "for the note on the run"


def test_drain_that_failed_tells_what_others_computed_all_the_same(
    store: Store, doubled: Doubled, context: Any
) -> None:
    store.submit(doubled, [doubled.parse({"n": 1})])
    drain(store, doubled)
    store.submit(doubled, [doubled.parse({"n": 13})])
    assert DrainOperator(task_id="drain", computation=doubled).execute(context)["failed"] == 1
    assert context["outlet_events"][results_asset("doubled")].extra["results"] == 1


def test_a_run_sees_what_it_asked_for_to_its_end_in_another_worker(
    store: Store, context: Any
) -> None:
    @computation(linger=timedelta(0))
    def slow(n: int) -> int:
        time.sleep(1)
        return n

    other = threading.Thread(target=drain, args=(store, slow), kwargs={"linger_seconds": 3})
    store.submit(slow, [slow.parse({"n": 1})])
    other.start()
    while store.count(slow).running == 0:
        time.sleep(0.01)
    told = RecomputeOperator(task_id="drain", computation=slow).execute(
        context | {"params": {"n": 1}}
    )
    assert told["succeeded"] == 0
    assert store.read(slow, slow.parse({"n": 1})) is not None
    other.join()


def test_a_run_fails_with_the_error_of_the_request_that_it_asked_for(
    store: Store, doubled: Doubled, context: Any
) -> None:
    store.submit(doubled, [doubled.parse({"n": 1})])
    operator = RecomputeOperator(task_id="drain", computation=doubled)
    with pytest.raises(AirflowFailException, match="ValueError: thirteen"):
        operator.execute(context | {"params": {"n": 13}})


def test_a_killed_drain_ends_its_linger_and_signs_off(
    store: Store, doubled: Doubled, context: Any
) -> None:
    operator = DrainOperator(task_id="drain", computation=doubled, linger_seconds=60)
    store.submit(doubled, [doubled.parse({"n": 1})])
    threading.Timer(0.5, operator.on_kill).start()
    started = time.monotonic()
    operator.execute(context)
    assert time.monotonic() - started < 5
    assert store.demand("doubled").workers == 0


def test_submit_without_waiting_returns_ids(store: Store, doubled: Doubled, context: Any) -> None:
    operator = SubmitOperator(task_id="ask", computation=doubled, items=[{"n": 1}], wait=False)
    (request_id,) = operator.execute(context)
    assert store.inspect(doubled, request_id) is not None


def test_submit_takes_fresh_values_without_deferring(
    store: Store, doubled: Doubled, context: Any
) -> None:
    store.submit(doubled, [doubled.parse({"n": n}) for n in (1, 2)])
    drain(store, doubled)
    operator = SubmitOperator(task_id="ask", computation=doubled, items=[{"n": 2}, {"n": 1}])
    assert operator.execute(context) == [4, 2]


def test_submit_defers_and_returns_the_values_in_order(
    store: Store, doubled: Doubled, context: Any
) -> None:
    operator = SubmitOperator(
        task_id="ask", computation=doubled, items=[{"n": 3}, {"n": 1}], poll_seconds=0.05
    )
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute(context)

    async def wait_for_event() -> Any:
        events = deferred.value.trigger.run()
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await asyncio.to_thread(drain, store, doubled)
        event = await asyncio.wait_for(waiting, 5)
        await events.aclose()
        return event.payload

    payload = asyncio.run(wait_for_event())
    assert payload == {"finished": 2}
    assert deferred.value.method_name == "collect"
    values = operator.collect(context, event=payload, **(deferred.value.kwargs or {}))
    assert values == [6, 2]


def test_submit_names_the_error_of_a_failed_request(
    store: Store, doubled: Doubled, context: Any
) -> None:
    operator = SubmitOperator(
        task_id="ask",
        computation=doubled,
        items=[{"n": 13}, {"n": 1}],
        deferrable=False,
        poll_seconds=0.05,
    )
    draining = threading.Timer(0.1, drain, (store, doubled))
    draining.start()
    with pytest.raises(AirflowException, match=r"1 of 2 requests failed: .* thirteen"):
        operator.execute(context)
    draining.join()


def test_submit_gives_up_after_its_wait_timeout(
    store: Store, doubled: Doubled, context: Any
) -> None:
    operator = SubmitOperator(
        task_id="ask",
        computation=doubled,
        items=[{"n": 1}],
        deferrable=False,
        poll_seconds=0.05,
        wait_timeout=timedelta(seconds=0.2),
    )
    with pytest.raises(AirflowException, match="1 requests are still open"):
        operator.execute(context)


def test_submit_fails_when_the_queue_is_full(store: Store, context: Any) -> None:
    @computation(max_pending=1)
    def narrow(n: int) -> int:
        return n

    operator = SubmitOperator(task_id="ask", computation=narrow, items=[{"n": 1}, {"n": 2}])
    with pytest.raises(AirflowException, match="1 requests were refused"):
        operator.execute(context)


def test_the_sensor_sees_requests_that_nobody_drains(
    store: Store, doubled: Doubled, context: Any
) -> None:
    sensor = RequestsWaitingSensor(task_id="wait", computation=doubled)
    assert not sensor.poke(context)
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute(context)
    assert deferred.value.method_name == "resume"
    store.submit(doubled, [doubled.parse({"n": 1})])
    assert sensor.poke(context)
    sensor.execute(context)
    store.enlist(doubled, "worker", worker_seconds=60)
    assert not sensor.poke(context)
