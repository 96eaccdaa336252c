"""The operator that drains a computation's queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from batchwell.computation import Computation
from batchwell.orchestrator.assets import results_asset
from batchwell.orchestrator.changes import arrived_changes
from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook
from batchwell.orchestrator.run_link import RunLink, run_address

if TYPE_CHECKING:
    from airflow.sdk import Context

    from batchwell.drain import DrainSummary
    from batchwell.store import Store

_LOOK_SECONDS = 0.5


class DrainOperator(BaseOperator):
    """Claims, computes and completes requests until none is left, then lingers, then ends.

    The last worker of a run to end emits one event of the computation's results asset for all of
    them, with counts, if results were written or an upstream change is passed on. A task is
    skipped when there was nothing to do, and fails when a request that it asked for failed, or
    when nothing that it computed succeeded; each request keeps its own error. Returns the counts.

    :param computation: what to drain
    :param linger_seconds: how long to wait for more; None: the policy's ``linger``
    :param worker: which of several workers of a run this is; for ``expand``
    :param redis_conn_id: the Airflow connection of the store
    """

    ui_color = "#d9f2e6"
    operator_extra_links = (RunLink(),)

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
        self.changes: dict[str, str] = {}
        self._stop = threading.Event()

    def execute(self, context: Context) -> dict[str, Any]:
        """Drain, until the requests that this run asked for have ended too."""
        store = BatchwellHook(self.redis_conn_id).get_store()
        self._link(context)
        self._bury(store, context)
        self.changes = arrived_changes(store, self.computation, context)
        asked = self.prepare(store, context)
        summary = self._drain(store, context)
        while not self._stop.is_set() and self._are_open(store, asked):
            # Another worker has them; should it die, they are ours to compute.
            time.sleep(_LOOK_SECONDS)
            summary += self._drain(store, context)
        told = asdict(summary)
        self.log.info("drained: %s", told)
        # Airflow makes no event of a task that fails: what is not told now, the next run tells.
        failure = self._failure(store, asked)
        has_news = failure is None and self._tell(store, context)
        if summary.failed and not (summary.succeeded or has_news):
            failure = failure or f"{summary.failed} requests failed, none succeeded"
        if failure:
            context["ti"].xcom_push(key="return_value", value=told)  # raising returns nothing
            raise AirflowFailException(failure)
        if not (has_news or summary.succeeded or summary.delivered or asked):
            raise AirflowSkipException("nothing waited")
        return told

    def _link(self, context: Context) -> None:
        """Let the link lead somewhere from now on; Airflow would set it when the task has ended."""
        ti = context["ti"]
        ti.xcom_push(key=RunLink().xcom_key, value=run_address(ti.dag_id, ti.run_id))

    def prepare(self, store: Store, context: Context) -> Sequence[str]:
        """Submit what the run asks for; return the ids of the requests to see to their end."""
        return ()

    def _drain(self, store: Store, context: Context) -> DrainSummary:
        from batchwell.drain import drain
        from batchwell.store import Origin

        return drain(
            store,
            self.computation,
            worker=_worker(context, context["ti"].try_number),
            origin=Origin(dag_id=context["dag"].dag_id, run_id=context["run_id"]),
            linger_seconds=self.linger_seconds,
            stop=self._stop,
        )

    def _tell(self, store: Store, context: Context) -> bool:
        """Tell the dependants, unless there is nothing to tell or another worker will."""
        results = results_asset(self.computation.name)
        news = store.tell(
            self.computation,
            _run(context),
            worker=_worker(context, context["ti"].try_number),
            passing=bool(self.changes),
            again=context["ti"].try_number > 1,
        )
        if news is None:
            # Airflow emits an event for each outlet that a task has when it succeeds.
            self.outlets = [outlet for outlet in self.outlets if outlet != results]
            return False
        born = {f"{_run(context)}{news.mark}": self.computation.name}
        changes = self.changes if self.changes and news.is_first else born
        event = context["outlet_events"][results]
        event.extra = {"results": news.results, "changes": {**changes}}
        return True

    def _bury(self, store: Store, context: Context) -> None:
        """Take back what an earlier try of this task held: it is dead, or there were no retry."""
        for try_number in range(1, context["ti"].try_number):
            count = store.abandon(self.computation, _worker(context, try_number))
            if count:
                self.log.info("try %d died holding %d requests", try_number, count)

    def _are_open(self, store: Store, asked: Sequence[str]) -> bool:
        requests = (store.inspect(self.computation, request_id) for request_id in asked)
        return any(request and not request.status.is_terminal for request in requests)

    def _failure(self, store: Store, asked: Sequence[str]) -> str | None:
        """Return how a request that the run asked for failed, if one did."""
        for request_id in asked:
            request = store.inspect(self.computation, request_id)
            if request and request.status == "failed":
                return f"{request_id} failed: {request.error_type}: {request.error_message}"
        return None

    def on_kill(self) -> None:
        """Finish the current item and give the rest back."""
        self._stop.set()


def _worker(context: Context, try_number: int) -> str:
    """Return the name of a try's drain worker, so that the next try knows it."""
    ti = context["ti"]
    return f"{_run(context)}{ti.task_id}/{ti.map_index}/{try_number}"


def _run(context: Context) -> str:
    """Return what the names of all workers of the run begin with."""
    ti = context["ti"]
    return f"{ti.dag_id}/{ti.run_id}/"
