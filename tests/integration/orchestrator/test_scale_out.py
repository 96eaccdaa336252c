from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

import pytest
from airflow.triggers.base import BaseTrigger, TaskSkippedEvent, TriggerEvent

from batchwell import Computation, computation, keys
from batchwell.orchestrator.scale_out_operator import ScaleOutOperator
from batchwell.store import Store


@pytest.fixture
def slow() -> Computation[Any, Any]:
    """A computation that three workers may drain."""

    @computation(workers=3)
    def slow(n: int) -> int:
        return n

    return slow


def fill(store: Store, slow: Computation[Any, Any], count: int, item_seconds: float) -> None:
    """Have so many requests wait, each of which takes so long."""
    store.submit(slow, [slow.parse({"n": n}) for n in range(count)])
    meta = f"{keys.root(store.namespace, slow.name)}:meta"
    store.client.hset(meta, "item_ms", str(1000 * item_seconds))


def trigger_of(operator: ScaleOutOperator) -> BaseTrigger:
    """Make the trigger in which the scheduler starts the task, as the triggerer does."""
    arguments = operator.start_trigger_args
    assert operator.start_from_trigger
    assert arguments is not None
    module, _, name = arguments.trigger_cls.rpartition(".")
    trigger: BaseTrigger = getattr(import_module(module), name)(**arguments.trigger_kwargs or {})
    assert trigger.serialize() == (arguments.trigger_cls, arguments.trigger_kwargs)
    return trigger


def events_of(trigger: BaseTrigger) -> list[TriggerEvent]:
    async def collect() -> list[TriggerEvent]:
        return [event async for event in trigger.run()]

    return asyncio.run(collect())


def test_a_backlog_for_one_worker_ends_the_task_in_the_triggerer(
    store: Store, slow: Computation[Any, Any], context: Any
) -> None:
    fill(store, slow, 19, 1.0)
    operator = ScaleOutOperator(task_id="scale_out", computation=slow)
    [event] = events_of(trigger_of(operator))
    assert isinstance(event, TaskSkippedEvent)
    assert operator.execute(context) == []


def test_a_large_backlog_resumes_the_task_which_numbers_the_helpers(
    store: Store, slow: Computation[Any, Any], context: Any
) -> None:
    fill(store, slow, 1000, 1.0)
    operator = ScaleOutOperator(task_id="scale_out", computation=slow)
    [event] = events_of(trigger_of(operator))
    assert operator.start_trigger_args is not None
    method = operator.start_trigger_args.next_method
    assert operator.resume_execution(method, {"event": event.payload}, context) == [1, 2]
    assert operator.execute(context) == [1, 2]


@pytest.mark.parametrize("reason", ["Trigger timeout", "Trigger failure"])
def test_without_a_triggerer_the_task_looks_for_itself(
    store: Store, slow: Computation[Any, Any], context: Any, reason: str
) -> None:
    fill(store, slow, 1000, 1.0)
    operator = ScaleOutOperator(task_id="scale_out", computation=slow)
    assert operator.resume_execution("__fail__", {"error": reason}, context) == [1, 2]


def test_workers_that_live_already_are_not_added_again(
    store: Store, slow: Computation[Any, Any], context: Any
) -> None:
    fill(store, slow, 1000, 1.0)
    operator = ScaleOutOperator(task_id="scale_out", computation=slow)
    store.enlist(slow, "the first of this run", worker_seconds=15)
    assert operator.execute(context) == [1, 2]
    store.enlist(slow, "one of an earlier run", worker_seconds=15)
    assert operator.execute(context) == [1]


def test_looking_at_a_backlog_is_not_watching(store: Store, slow: Computation[Any, Any]) -> None:
    fill(store, slow, 1, 1.0)
    events_of(trigger_of(ScaleOutOperator(task_id="scale_out", computation=slow)))
    assert store.attention(slow.name).watched_at is None
