"""The DAG that collects actions: what it moves, whom it tells, and when it is woken."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowSkipException

from batchwell import ActionLog
from batchwell.actions_database import open_actions_database
from batchwell.keys import ACTION_LOG, root
from batchwell.orchestrator import CollectOperator, actions_asset, actions_trigger, collect_dag
from batchwell.orchestrator.actions_trigger import ActionsWaitingTrigger
from batchwell.store import Store
from batchwell.store.acting import Offered
from tests.integration.orchestrator.fired import events_of

LOG = ActionLog(items=frozenset({"whale-1"}), announce_every=5, max_wait=timedelta(seconds=60))


@pytest.fixture
def actions_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path / 'actions.db'}"
    monkeypatch.setenv("BATCHWELL_ACTIONS_URL", url)
    return url


def accept(store: Store, *ids: int) -> None:
    store.accept_actions(LOG, [Offered("ann", "whale-1", "like", str(one), 1000) for one in ids])


def execute(context: Any, run_type: str = "asset_triggered") -> tuple[Any, bool]:
    """Run the task; return what it returns, and whether an event comes of it."""
    task = CollectOperator(task_id="collect", log=LOG)
    context["dag_run"] = SimpleNamespace(run_type=run_type)
    told = task.execute(context)
    return told, actions_asset() in task.outlets


def test_dependants_are_told_when_enough_have_come(
    store: Store, actions_url: str, context: dict[str, Any]
) -> None:
    accept(store, 1, 2, 3)
    told, has_event = execute(context)
    assert (told["moved"], told["told"], has_event) == (3, 0, False)
    accept(store, 3, 4)
    told, has_event = execute(context)
    assert (told["moved"], told["added"], told["told"], has_event) == (2, 1, 5, True)
    assert context["outlet_events"][actions_asset()].extra == {"actions": 5}
    with open_actions_database(actions_url) as database:
        assert database.count() == 4


def test_a_retry_tells_again_what_the_killed_try_was_to_tell(
    store: Store, actions_url: str, context: dict[str, Any]
) -> None:
    accept(store, 1, 2, 3, 4, 5)
    execute(context)
    told, has_event = execute(context)
    assert (told["moved"], told["told"], has_event) == (0, 5, True)


def test_a_run_by_hand_tells_of_the_fewest(
    store: Store, actions_url: str, context: dict[str, Any]
) -> None:
    accept(store, 1)
    assert execute(context, "manual")[1] is True


def test_a_run_with_nothing_to_do_is_skipped(
    store: Store, actions_url: str, context: dict[str, Any]
) -> None:
    with pytest.raises(AirflowSkipException):
        execute(context)


def test_the_dag_is_woken_by_actions_and_watches_with_what_the_log_says() -> None:
    dag = collect_dag(LOG, tags=["feed"])
    assert (dag.dag_id, dag.max_active_runs, dag.tags) == (
        "collect_actions",
        1,
        {"batchwell", "feed"},
    )
    timetable: Any = dag.timetable
    asset = timetable.asset_condition
    assert asset.watchers[0].trigger.serialize()[1] == {
        "enough": 5,
        "max_wait_seconds": 60.0,
        "redis_conn_id": "batchwell_redis",
    }
    assert dag.get_task("collect").outlets == [actions_asset()]
    hourly: Any = collect_dag(LOG, schedule="0 * * * *").timetable
    assert hourly.timetable.expression == "0 * * * *"


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look more often than once a second."""
    monkeypatch.setattr(actions_trigger, "POLL_SECONDS", 0.05)


def test_fires_for_enough_at_once_and_not_for_fewer(store: Store, often: None) -> None:
    async def scenario() -> None:
        async with events_of(ActionsWaitingTrigger(enough=3, max_wait_seconds=60)) as events:
            accept(store, 1, 2)
            await asyncio.sleep(0.5)
            assert events.empty()
            accept(store, 3)
            assert await asyncio.wait_for(events.get(), 5) == {"waiting": 3}
            await asyncio.sleep(0.5)
            assert events.empty(), "spaced"

    asyncio.run(scenario())


def test_fires_for_one_that_has_waited(store: Store, often: None) -> None:
    async def scenario() -> None:
        accept(store, 1)
        async with events_of(ActionsWaitingTrigger(enough=100, max_wait_seconds=0.5)) as events:
            assert await asyncio.wait_for(events.get(), 5) == {"waiting": 1}

    asyncio.run(scenario())


def test_fires_though_the_clock_of_the_store_was_set_back(store: Store, often: None) -> None:
    async def scenario() -> None:
        log, later = root(store.namespace, ACTION_LOG), int(1000 * time.time()) + 3_600_000
        store.client.xadd(f"{log}:actions", {"count": 1, "actions": "[]", "at": later})
        store.client.set(f"{log}:waiting", 1)
        async with events_of(ActionsWaitingTrigger(enough=3, max_wait_seconds=60)) as events:
            assert await asyncio.wait_for(events.get(), 5) == {"waiting": 1}

    asyncio.run(scenario())


def test_is_quiet_while_somebody_collects_and_fires_at_once_after(
    store: Store, often: None
) -> None:
    async def scenario() -> None:
        accept(store, 1)
        store.gather_actions("collector", count=1, live_seconds=60)
        async with events_of(ActionsWaitingTrigger(enough=1, max_wait_seconds=1)) as events:
            await asyncio.sleep(0.5)
            assert events.empty()
            store.leave_actions("collector")
            await asyncio.wait_for(events.get(), 5)
            gathered = store.gather_actions("collector", count=1, live_seconds=60)
            store.forget_actions(gathered)
            store.leave_actions("collector")
            accept(store, 2)
            await asyncio.wait_for(events.get(), 5)

    asyncio.run(scenario())
