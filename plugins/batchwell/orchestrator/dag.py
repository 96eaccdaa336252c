"""``recompute_dag``: the whole DAG of a computation, from its one signature."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from airflow.sdk import DAG, AssetAny, AssetOrTimeSchedule, CronTriggerTimetable
from airflow.sdk.exceptions import AirflowFailException
from croniter import croniter

from batchwell.computation import Computation
from batchwell.errors import DefinitionError
from batchwell.orchestrator.assets import asset_of, requests_asset
from batchwell.orchestrator.drain_operator import DrainOperator
from batchwell.orchestrator.hook import DEFAULT_CONNECTION
from batchwell.orchestrator.scale_out_operator import ScaleOutOperator
from batchwell.orchestrator.trigger_form import asked_items, asked_mode, form_params
from batchwell.records import Priority

if TYPE_CHECKING:
    from airflow.sdk import Context

    from batchwell.store import Store

_MOST_AFTER_A_CHANGE = 10_000


class RecomputeOperator(DrainOperator):
    """Submits what its run asks for, then drains: there is one path to a value.

    By hand: the parameters and the mode of the form. On schedule: what is stale, and what is hot
    and stale before the next look. After an upstream change: the hot values first, then the rest.
    In each of these also what is to be known though nobody has asked (`Computation.standing`). By a
    request's event: nothing more than what waits.
    """

    def __init__(self, *, schedule: str | None = None, **kwargs: Any) -> None:
        """Make the task of a DAG that runs on ``schedule``."""
        super().__init__(**kwargs)
        self.schedule = schedule

    def prepare(self, store: Store, context: Context) -> Sequence[str]:
        """Submit what the run asks for; what a person asked for is seen to its end."""
        if self.changes:
            self.linger_seconds = 0.0
            self._refresh(store, "hot", Priority.NORMAL)
            self._submit_standing(store)
            self._refresh(store, "stale", Priority.BULK, most=_MOST_AFTER_A_CHANGE)
        if context["dag_run"].run_type == "scheduled":
            self.linger_seconds = 0.0
            self._refresh(store, "due", Priority.BULK)
            self._submit_standing(store)
        mode = asked_mode(context["params"])
        if mode != "pending":
            self._refresh(store, "due" if mode == "refresh" else "all", Priority.NORMAL)
            self._submit_standing(store)
        return self._ask(store, asked_items(context["params"]))

    def _ask(self, store: Store, items: Sequence[dict[str, Any]]) -> list[str]:
        submissions = store.submit(
            self.computation,
            [self.computation.parse(item) for item in items],
            priority=Priority.INTERACTIVE,
            max_age_seconds=0,
        )
        refused = sum(submission.outcome == "full" for submission in submissions)
        if refused:
            raise AirflowFailException(f"the queue is full: {refused} requests were refused")
        if items:
            self.log.info("asked by hand for %d values", len(items))
        return [submission.request for submission in submissions if submission.request]

    def _refresh(
        self,
        store: Store,
        which: Literal["due", "hot", "stale", "all"],
        priority: Priority,
        *,
        most: int = sys.maxsize,
    ) -> None:
        count = 0
        for chunk in store.known(self.computation, which, ahead_seconds=self._ahead_seconds()):
            store.submit(self.computation, chunk, priority=priority, max_age_seconds=0)
            count += len(chunk)
            if count >= most:
                break
        self.log.info("asked for %d known values: %s", count, which)

    def _submit_standing(self, store: Store) -> None:
        store.submit(self.computation, self.computation.standing, priority=Priority.NORMAL)

    def _ahead_seconds(self) -> float:
        """Return how long it is until the schedule looks again."""
        if self.schedule is None:
            return 0.0
        now = datetime.now(UTC)
        return float(croniter(self.schedule, now).get_next(float)) - now.timestamp()


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
    come from the computation's docstring and type hints. A change of what it depends on runs it
    too. ``kwargs`` go to the DAG as they are.

    Raises `DefinitionError` for ``hot_for`` without a schedule, which is what would look ahead.
    """
    if computation.policy.hot_for is not None and schedule is None:
        raise DefinitionError(f"{computation.name}: hot_for needs a schedule")
    waiting = AssetAny(
        requests_asset(computation, redis_conn_id=redis_conn_id),
        *(asset_of(dependency) for dependency in computation.policy.depends_on),
    )
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
        "default_args": {
            # Soon enough for a worker that was killed, long enough for an api-server that restarts.
            "retries": 5,
            "retry_delay": timedelta(seconds=1),
            "retry_exponential_backoff": 2,
        },
    }
    with DAG(f"recompute_{computation.name}", **(arguments | kwargs)) as dag:
        RecomputeOperator(
            task_id="drain",
            computation=computation,
            schedule=schedule,
            redis_conn_id=redis_conn_id,
        )
        if computation.policy.workers > 1:
            scale_out = ScaleOutOperator(
                task_id="scale_out", computation=computation, redis_conn_id=redis_conn_id
            )
            DrainOperator.partial(
                task_id="drain_more",
                computation=computation,
                linger_seconds=0,
                redis_conn_id=redis_conn_id,
            ).expand(worker=scale_out.output)
    return dag
