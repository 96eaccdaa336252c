"""``recompute_dag``: the whole DAG of a computation, from its one signature."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DAG, AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, task
from airflow.sdk.exceptions import AirflowFailException

from batchwell.computation import Computation
from batchwell.orchestrator.assets import requests_asset
from batchwell.orchestrator.drain_operator import DrainOperator
from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook
from batchwell.orchestrator.trigger_form import asked_params, form_params

if TYPE_CHECKING:
    from airflow.sdk import Context

    from batchwell.store import Store


class RecomputeOperator(DrainOperator):
    """Submits what its run asks for, then drains: there is one path to a value.

    A run by hand asks for the parameters of its form, whatever is fresh; a scheduled run asks for
    every known result that is stale; a run by event asks for nothing more than what waits.
    """

    def prepare(self, store: Store, context: Context) -> Sequence[str]:
        """Submit what the run asks for; what a person asked for is seen to its end."""
        from batchwell.records import Priority

        asked = asked_params(context["params"])
        if asked is not None:
            parameters = self.computation.parse(asked)
            (submission,) = store.submit(
                self.computation, [parameters], priority=Priority.INTERACTIVE, max_age_seconds=0
            )
            if submission.request is None:
                raise AirflowFailException("the queue is full: nothing was submitted")
            self.log.info("asked by hand for %s: %s", parameters.json, submission.request)
            return (submission.request,)
        if context["dag_run"].run_type == "scheduled":
            count = 0
            for stale in store.stale(self.computation):
                store.submit(self.computation, stale, priority=Priority.BULK)
                count += len(stale)
            self.log.info("asked on schedule for %d stale results", count)
        return ()


def recompute_dag(
    computation: Computation[Any, Any],
    *,
    schedule: str | None = None,
    tags: Collection[str] = (),
    redis_conn_id: str = DEFAULT_CONNECTION,
    **kwargs: Any,
) -> DAG:
    """Return the DAG ``recompute_<name>``, run by event, on ``schedule`` (cron, UTC) or by hand.

    It drains the computation's queue with one task, and maps further drain workers beside it when
    the backlog deserves them, up to the policy's ``workers``. Its description and trigger form
    come from the computation's docstring and type hints. ``kwargs`` go to the DAG as they are.
    """
    waiting = AssetAny(requests_asset(computation, redis_conn_id=redis_conn_id))
    arguments: dict[str, Any] = {
        "schedule": waiting
        if schedule is None
        else AssetOrTimeSchedule(
            timetable=CronTriggerTimetable(schedule, timezone="UTC"), assets=waiting
        ),
        "description": computation.title,
        "doc_md": computation.description,
        "tags": {"batchwell", *tags},
        "params": form_params(computation),
        "catchup": False,
        "is_paused_upon_creation": False,
        "max_active_runs": computation.policy.workers + 1,
        "default_args": {"retries": 2, "retry_delay": timedelta(seconds=1)},
    }
    with DAG(f"recompute_{computation.name}", **(arguments | kwargs)) as dag:
        RecomputeOperator(task_id="drain", computation=computation, redis_conn_id=redis_conn_id)
        if computation.policy.workers > 1:
            _scale_out(computation, redis_conn_id)
    return dag


def _scale_out(computation: Computation[Any, Any], redis_conn_id: str) -> None:
    """Add the task that looks at the backlog, and the workers that it asks for."""

    @task(task_id="scale_out")
    def scale_out() -> list[int]:
        """Return a number for each further worker that the backlog deserves."""
        from batchwell.scaling import wanted_workers

        demand = BatchwellHook(redis_conn_id).get_store().demand(computation.name)
        wanted = wanted_workers(demand.waiting, demand.item_seconds, computation.policy.workers)
        return list(range(1, wanted - max(0, demand.workers - 1)))

    DrainOperator.partial(
        task_id="drain_more",
        computation=computation,
        linger_seconds=0,
        redis_conn_id=redis_conn_id,
    ).expand(worker=scale_out())
