"""The operator that drains a computation's queue."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from batchwell.computation import Computation
from batchwell.orchestrator.assets import results_asset
from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook

if TYPE_CHECKING:
    from airflow.sdk import Context

    from batchwell.store import Store


class DrainOperator(BaseOperator):
    """Claims, computes and completes requests until none is left, then lingers, then ends.

    Emits one event of the computation's results asset, with counts, when it wrote results. It is
    skipped when there was nothing to do, and fails when it computed and nothing succeeded; the
    requests keep their own errors. Returns the counts.

    :param computation: what to drain
    :param linger_seconds: how long to wait for more; None: the policy's ``linger``
    :param worker: which of several workers of a run this is; for ``expand``
    :param redis_conn_id: the Airflow connection of the store
    """

    ui_color = "#d9f2e6"

    def __init__(
        self,
        *,
        computation: Computation[Any, Any],
        linger_seconds: float | None = None,
        worker: int = 0,
        redis_conn_id: str = DEFAULT_CONNECTION,
        **kwargs: Any,
    ) -> None:
        """Make the task."""
        kwargs.setdefault("outlets", [results_asset(computation.name)])
        super().__init__(**kwargs)
        self.computation = computation
        self.linger_seconds = linger_seconds
        self.worker = worker
        self.redis_conn_id = redis_conn_id
        self._stop = threading.Event()

    def execute(self, context: Context) -> dict[str, Any]:
        """Drain."""
        from batchwell.drain import drain
        from batchwell.store import Origin

        store = BatchwellHook(self.redis_conn_id).get_store()
        self.prepare(store, context)
        summary = drain(
            store,
            self.computation,
            origin=Origin(dag_id=context["dag"].dag_id, run_id=context["run_id"]),
            linger_seconds=self.linger_seconds,
            stop=self._stop,
        )
        told = asdict(summary)
        self.log.info("drained: %s", told)
        if not summary.succeeded:
            if summary.failed:
                raise AirflowFailException(f"{summary.failed} requests failed, none succeeded")
            raise AirflowSkipException("nothing waited")
        context["outlet_events"][results_asset(self.computation.name)].extra = told
        return told

    def prepare(self, store: Store, context: Context) -> None:
        """Do what comes before draining; nothing here, for subclasses."""

    def on_kill(self) -> None:
        """Finish the current item and give the rest back."""
        self._stop.set()
