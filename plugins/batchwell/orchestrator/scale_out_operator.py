"""The operator that decides how many drain workers a run adds to its first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import TaskDeferralError, TaskDeferralTimeout
from airflow.triggers.base import StartTriggerArgs

from batchwell.computation import Computation
from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook

if TYPE_CHECKING:
    from airflow.sdk import Context

_PATIENCE = timedelta(seconds=30)


class ScaleOutOperator(BaseOperator):
    """Returns a number for each further worker that the backlog deserves, to be mapped over.

    It starts in the triggerer, and is skipped there when one worker will do: a process of its own
    would hold up the drain that begins beside it. Where no triggerer does that soon, it runs as any
    task.

    :param computation: whose backlog to look at
    :param redis_conn_id: the Airflow connection of the store
    """

    start_from_trigger = True

    def __init__(
        self,
        *,
        computation: Computation[Any, Any],
        redis_conn_id: str = DEFAULT_CONNECTION,
        **kwargs: Any,
    ) -> None:
        """Make the task."""
        super().__init__(**kwargs)
        self.computation = computation
        self.redis_conn_id = redis_conn_id
        self.start_trigger_args = StartTriggerArgs(
            trigger_cls="batchwell.orchestrator.backlog_trigger.BacklogTrigger",
            trigger_kwargs={
                "computation": computation.name,
                "workers": computation.policy.workers,
                "redis_conn_id": redis_conn_id,
            },
            next_method="number",
            timeout=_PATIENCE,
        )

    def execute(self, context: Context) -> list[int]:
        """Look at the backlog here, where no triggerer has done it."""
        from batchwell.scaling import wanted_helpers

        demand = BatchwellHook(self.redis_conn_id).get_store().demand(self.computation.name)
        helpers = wanted_helpers(demand, self.computation.policy.workers)
        return self.number(context, {"helpers": helpers})

    def resume_execution(
        self, next_method: str, next_kwargs: dict[str, Any] | None, context: Context
    ) -> list[int]:
        """Go on with what the trigger found; or without it."""
        try:
            numbers: list[int] = super().resume_execution(next_method, next_kwargs, context)
        except (TaskDeferralError, TaskDeferralTimeout) as error:
            self.log.warning("looking at the backlog here: the triggerer has not (%s)", error)
            return self.execute(context)
        return numbers

    def number(self, context: Context, event: dict[str, Any]) -> list[int]:
        """Return the numbers of the helpers; the run's first worker is 0."""
        return list(range(1, event["helpers"] + 1))
