"""The operator that submits requests from any DAG and waits for their results."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException

from batchwell.computation import Computation
from batchwell.orchestrator.hook import DEFAULT_CONNECTION, BatchwellHook

if TYPE_CHECKING:
    from airflow.sdk import Context

    from batchwell.store import Store


class SubmitOperator(BaseOperator):
    """Submits requests, waits until all have ended, and returns their values in order.

    Deferred while it waits, it holds no worker slot. A fresh value is taken at once. Fails when a
    request failed, naming the first errors.

    :param computation: what to ask
    :param items: the parameters of each request; templated
    :param priority: interactive, normal or bulk
    :param max_age: the oldest value that will do; None: any fresh one
    :param wait: False: return the ids of the requests (None where a fresh value answered)
    :param deferrable: wait in the triggerer; False: wait in the task
    :param poll_seconds: how often to look
    :param wait_timeout: how long to wait at most; None: for ever
    :param redis_conn_id: the Airflow connection of the store
    """

    template_fields = ("items",)
    ui_color = "#dbe9fb"

    def __init__(
        self,
        *,
        computation: Computation[Any, Any],
        items: Sequence[dict[str, Any]],
        priority: str = "normal",
        max_age: timedelta | None = None,
        wait: bool = True,
        deferrable: bool = True,
        poll_seconds: float = 2.0,
        wait_timeout: timedelta | None = None,
        redis_conn_id: str = DEFAULT_CONNECTION,
        **kwargs: Any,
    ) -> None:
        """Make the task."""
        super().__init__(**kwargs)
        self.computation = computation
        self.items = items
        self.priority = priority
        self.max_age = max_age
        self.wait = wait
        self.deferrable = deferrable
        self.poll_seconds = poll_seconds
        self.wait_timeout = wait_timeout
        self.redis_conn_id = redis_conn_id

    def execute(self, context: Context) -> list[Any]:
        """Submit; then return, defer or wait."""
        from batchwell.records import Priority

        store = BatchwellHook(self.redis_conn_id).get_store()
        submissions = store.submit(
            self.computation,
            [self.computation.parse(item) for item in self.items],
            priority=Priority(self.priority),
            max_age_seconds=None if self.max_age is None else self.max_age.total_seconds(),
        )
        refused = sum(submission.outcome == "full" for submission in submissions)
        if refused:
            raise AirflowException(f"the queue is full: {refused} requests were refused")
        ids = [
            None if submission.outcome == "fresh" else submission.request
            for submission in submissions
        ]
        open_ids = [request_id for request_id in ids if request_id is not None]
        self.log.info("submitted %d requests, %d answered at once", len(ids), ids.count(None))
        if not self.wait:
            return ids
        if open_ids and self.deferrable:
            from batchwell.orchestrator.finished_trigger import RequestsFinishedTrigger

            self.defer(
                trigger=RequestsFinishedTrigger(
                    request_ids=open_ids,
                    poll_seconds=self.poll_seconds,
                    redis_conn_id=self.redis_conn_id,
                ),
                method_name="collect",
                kwargs={"request_ids": open_ids},
                timeout=self.wait_timeout,
            )
        self._wait(store, open_ids)
        return self.collect(context, request_ids=open_ids)

    def collect(self, context: Context, *, request_ids: list[str], event: Any = None) -> list[Any]:
        """Return the values of all items; raise if a request failed."""
        store = BatchwellHook(self.redis_conn_id).get_store()
        failures = []
        for request_id in request_ids:
            request = store.inspect(self.computation, request_id)
            if request is None or request.status != "succeeded":
                failures.append(
                    f"{request_id} {request.status}: {request.error_message}"
                    if request
                    else f"{request_id} is gone"
                )
        if failures:
            told = "; ".join(failures[:3])
            raise AirflowException(f"{len(failures)} of {len(self.items)} requests failed: {told}")
        values = []
        for item in self.items:
            result = store.read(self.computation, self.computation.parse(item))
            if result is None:
                raise AirflowException(f"the value for {item} has expired meanwhile")
            values.append(json.loads(result.value))
        return values

    def _wait(self, store: Store, request_ids: list[str]) -> None:
        deadline = time.monotonic() + (
            self.wait_timeout.total_seconds() if self.wait_timeout else float("inf")
        )
        open_ids = list(request_ids)
        while open_ids:
            requests = [store.inspect(self.computation, request_id) for request_id in open_ids]
            open_ids = [item.id for item in requests if item and not item.status.is_terminal]
            if open_ids and time.monotonic() >= deadline:
                raise AirflowException(f"{len(open_ids)} requests are still open")
            if open_ids:
                time.sleep(self.poll_seconds)
