"""Ask for one computing, as every route does that submits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flask import request

from batchwell.errors import QueueFull, TooManyWebhooks, UnknownComputation, UnknownRequest
from batchwell.identifiers import split_request_id
from batchwell.parameters import Parameters
from batchwell.records import Priority, Request, Submission
from batchwell.registry import Registry
from batchwell.store import AnyComputation, Once, Store
from webapp.context import Context
from webapp.monitoring.noting import note_submissions, trace_to_keep

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_MOST_RETRY_SECONDS = 60.0


def ask(
    context: Context,
    computation: AnyComputation,
    parameters: Parameters,
    *,
    priority: Priority = Priority.NORMAL,
    max_age_seconds: float | None = None,
    expires_seconds: float | None = None,
    touch: bool = False,
    once: Once | None = None,
    webhook: str | None = None,
    with_record: bool = False,
    environ: WSGIEnvironment | None = None,
) -> Submission:
    """Submit one request; raise `QueueFull` telling when to try again, or `TooManyWebhooks`.

    ``environ`` is that of the HTTP request which asks, where Flask has not been told of it.
    """
    environ = request.environ if environ is None else environ
    [submission] = context.store.submit(
        computation,
        [parameters],
        priority=priority,
        max_age_seconds=max_age_seconds,
        expires_seconds=expires_seconds,
        touch=touch,
        once=once,
        trace=trace_to_keep(environ),
        webhook=webhook,
        with_records=with_record,
    )
    note_submissions(context, environ, computation.name, [submission])
    if submission.outcome == "full":
        raise queue_full(context.store, computation)
    if submission.outcome == "crowded" and submission.request is not None:
        raise TooManyWebhooks(submission.request)
    return submission


def find_request(store: Store, registry: Registry, request_id: str) -> Request:
    """Return the request's record; raise `UnknownRequest`."""
    request = store.inspect(computation_of(registry, request_id), request_id)
    if request is None:
        raise UnknownRequest(request_id)
    return request


def computation_of(registry: Registry, request_id: str) -> AnyComputation:
    """Return the computation that the id names; raise `UnknownRequest`."""
    name, _ = split_request_id(request_id)
    try:
        return registry[name]
    except UnknownComputation:
        raise UnknownRequest(request_id) from None


def whole_seconds(seconds: float | None) -> int:
    """Return a ``Retry-After``: whole seconds, at least one."""
    return max(1, math.ceil(seconds or 0))


def queue_full(store: Store, computation: AnyComputation) -> QueueFull:
    """Advise to wait until about a tenth of the queue has been drained, a minute at most."""
    counts = store.count(computation)
    tenth_seconds = (counts.item_seconds or 0) * counts.pending / 10 / max(1, counts.workers)
    return QueueFull(computation.name, counts.pending, min(tenth_seconds, _MOST_RETRY_SECONDS))
