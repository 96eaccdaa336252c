"""The operator that collects what waits in the log of actions."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from batchwell.action_log import ActionLog
from batchwell.orchestrator.assets import actions_asset
from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook

if TYPE_CHECKING:
    from airflow.sdk import Context

# So that news comes while actions come without a pause: who waits longer is the next run's.
_MOST_SECONDS = 30.0
_PATIENCE_SECONDS = 60.0


class CollectOperator(BaseOperator):
    """Moves actions to their database until none waits, for half a minute at most.

    Exactly once, whatever dies. It emits an event of the asset ``actions`` when ``announce_every``
    were collected since the last event; in a run by hand, when any was. Skipped when nothing
    waited; fails when store or database were away for a minute. Returns counts.

    :param log: whose actions
    :param redis_conn_id: the Airflow connection of the store
    """

    ui_color = "#e4dcf7"

    def __init__(
        self, *, log: ActionLog, redis_conn_id: str = DEFAULT_CONNECTION, **kwargs: Any
    ) -> None:
        """Make the task."""
        kwargs.setdefault("outlets", [actions_asset()])
        super().__init__(**kwargs)
        self.action_log = log
        self.redis_conn_id = redis_conn_id
        self._stop = threading.Event()

    def execute(self, context: Context) -> dict[str, Any]:
        """Collect, then tell those who depend on it."""
        from batchwell.collecting import collect
        from batchwell.settings import Settings

        store = BatchwellHook(self.redis_conn_id).get_store()
        ti = context["ti"]
        summary = collect(
            store,
            Settings.from_env().actions_url,
            collector=f"{ti.dag_id}/{ti.run_id}/{ti.try_number}",
            most_seconds=_MOST_SECONDS,
            patience_seconds=_PATIENCE_SECONDS,
            stop=self._stop,
        )
        by_hand = context["dag_run"].run_type == "manual"
        enough = 1 if by_hand else self.action_log.announce_every
        news = store.take_news(enough, teller=ti.run_id)
        if news:
            context["outlet_events"][actions_asset()].extra = {"actions": news}
        elif not summary.moved:
            raise AirflowSkipException("nothing waited")
        else:
            # Airflow emits an event for each outlet that a task has when it succeeds.
            self.outlets = [outlet for outlet in self.outlets if outlet != actions_asset()]
        told = {**asdict(summary), "told": news}
        self.log.info("collected: %s", told)
        return told

    def on_kill(self) -> None:
        """End after the current batch."""
        self._stop.set()
