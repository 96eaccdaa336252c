"""The sensor that waits for waiting requests, for DAGs of your own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseSensorOperator

from batchwell.computation import Computation
from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook

if TYPE_CHECKING:
    from airflow.sdk import Context


class RequestsWaitingSensor(BaseSensorOperator):
    """Succeeds once requests wait for a computation and no worker drains them.

    Deferred while it waits, it holds no worker slot and wakes by event. Put a `DrainOperator`
    behind it.

    :param computation: whose requests to wait for
    :param deferrable: wait in the triggerer; False: poke in the task
    :param redis_conn_id: the Airflow connection of the store
    """

    def __init__(
        self,
        *,
        computation: Computation[Any, Any],
        deferrable: bool = True,
        redis_conn_id: str = DEFAULT_CONNECTION,
        **kwargs: Any,
    ) -> None:
        """Make the task."""
        super().__init__(**kwargs)
        self.computation = computation
        self.deferrable = deferrable
        self.redis_conn_id = redis_conn_id

    def execute(self, context: Context) -> Any:
        """Return at once if requests wait; else defer, or poke."""
        if not self.deferrable:
            return super().execute(context)
        if not self.poke(context):
            from batchwell.orchestrator.waiting_trigger import RequestsWaitingTrigger

            self.defer(
                trigger=RequestsWaitingTrigger(
                    computation=self.computation.name, redis_conn_id=self.redis_conn_id
                ),
                method_name="resume",
                timeout=timedelta(seconds=self.timeout),
            )
        return None

    def resume(self, context: Context, event: dict[str, Any]) -> None:
        """End: the trigger saw waiting requests."""
        self.log.info("%s requests wait for %s", event["waiting"], event["computation"])

    def poke(self, context: Context) -> bool:
        """Tell whether requests wait that nobody drains."""
        store = BatchwellHook(self.redis_conn_id).get_store()
        demand = store.demand(self.computation.name)
        return demand.waiting + demand.deliveries > 0 and demand.workers == 0
