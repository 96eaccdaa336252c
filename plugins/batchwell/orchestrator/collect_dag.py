"""``collect_dag``: the DAG that collects actions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable

from batchwell.action_log import ActionLog
from batchwell.orchestrator.actions_trigger import ActionsWaitingTrigger
from batchwell.orchestrator.collect_operator import CollectOperator
from batchwell.orchestrator.hook import DEFAULT_CONNECTION


def collect_dag(
    log: ActionLog,
    *,
    schedule: str | None = None,
    tags: Collection[str] = (),
    redis_conn_id: str = DEFAULT_CONNECTION,
    **kwargs: Any,
) -> DAG:
    """Return the DAG ``collect_actions``: run when actions wait, on schedule, or by hand.

    ``schedule`` is a cron expression, in UTC. ``kwargs`` go to the DAG as they are.
    """
    waiting = Asset(
        name="actions_waiting",
        uri="batchwell://actions/waiting",
        group="batchwell",
        watchers=[
            AssetWatcher(
                name="actions_waiting",
                trigger=ActionsWaitingTrigger(
                    enough=log.announce_every,
                    max_wait_seconds=log.max_wait.total_seconds(),
                    redis_conn_id=redis_conn_id,
                ),
            )
        ],
    )
    arguments: dict[str, Any] = {
        "schedule": waiting
        if schedule is None
        else AssetOrTimeSchedule(
            timetable=CronTriggerTimetable(schedule, timezone="UTC"), assets=waiting
        ),
        "description": "Collect actions into their database",
        "doc_md": CollectOperator.__doc__,
        "tags": {"batchwell", *tags},
        "catchup": False,
        "is_paused_upon_creation": False,
        "max_active_runs": 1,
        "default_args": {
            "retries": 5,
            "retry_delay": timedelta(seconds=1),
            "retry_exponential_backoff": 2,
        },
    }
    with DAG("collect_actions", **(arguments | kwargs)) as dag:
        CollectOperator(task_id="collect", log=log, redis_conn_id=redis_conn_id)
    return dag
