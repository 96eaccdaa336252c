"""``POST …/requests`` and ``/requests/{id}``: ask for a computing, see how it stands, cancel it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from batchwell.access_tokens import Scope
from batchwell.documents import request_document, result_document
from batchwell.errors import UnknownRequest
from batchwell.known_results import Result
from batchwell.outlook import eta_seconds
from batchwell.records import Request, Status, Submission
from webapp.access.scopes import needs
from webapp.api import PREFIX
from webapp.asking import ask, computation_of, find_request, whole_seconds
from webapp.context import Context, get_context
from webapp.http.answers import Plain, json_answer, plain_json
from webapp.http.caching import checked_answer, result_etag
from webapp.http.idempotency import read_once
from webapp.http.paging import page_of_list, read_page
from webapp.http.preferences import NONE, Preferences, read_preferences
from webapp.http.query_string import refuse_query
from webapp.http.submit_body import read_submit_body
from webapp.http.tolerance import wait_for_end
from webapp.monitoring.noting import note_requests, trace_to_keep
from webapp.problems import Refused
from webapp.webhook import check_webhook, delivery_document

blueprint = Blueprint("submissions", __name__, url_prefix=PREFIX)


SUBMIT = f"{PREFIX}/computations/<name>/requests"

DECIDED = "batchwell.decided"
"""Where a WSGI environment has the answer to a submit, or its error, known before its route is."""


@blueprint.post(SUBMIT.removeprefix(PREFIX))
def submit(name: str) -> Response:
    """Answer with a fresh result, or accept the request to compute one."""
    if (decided := request.environ.get(DECIDED)) is not None:
        if isinstance(decided, Exception):
            raise decided
        return Response(*decided)
    context = get_context()
    computation = context.registry[name]
    refuse_query(request.query_string)
    preferences = read_preferences(request.environ.get("HTTP_PREFER"))
    body = read_submit_body(request)
    check_webhook(body.webhook, context.settings)
    parameters = computation.parse(body.params)
    submission = ask(
        context,
        computation,
        parameters,
        priority=body.priority,
        max_age_seconds=body.max_age,
        expires_seconds=body.expires_in,
        once=read_once(request, body, [parameters]),
        webhook=body.webhook,
        with_record=preferences.wait_seconds == 0,
    )
    return Response(*answer_to(submission, context, preferences))


def answer_to(submission: Submission, context: Context, preferences: Preferences = NONE) -> Plain:
    """Return the answer to a submit, once the request has ended if the client will wait."""
    if submission.outcome == "fresh" and submission.result is not None:
        return _value(submission.result)
    request_id, seconds = submission.request or "", preferences.wait_seconds
    waited = seconds > 0 and wait_for_end(context, request_id, seconds)
    record = submission.record or find_request(context.store, context.registry, request_id)
    if record.status is Status.SUCCEEDED and record.result is not None:
        return _value(record.result, preferences.applied(waited=waited, accepted=False))
    previous = result_document(submission.result) if submission.result else None
    applied = preferences.applied(waited=waited, accepted=True)
    return _accepted(context, record, applied, previous=previous)


@blueprint.get("/requests/<request_id>")
def show_request(request_id: str) -> Response:
    """Answer with the request's status document, once it has ended if the client will wait."""
    context = get_context()
    refuse_query(request.query_string)
    preferences = read_preferences(request.environ.get("HTTP_PREFER"))
    record = find_request(context.store, context.registry, request_id)
    waited = False
    if preferences.wait_seconds and not record.status.is_terminal:
        waited = wait_for_end(context, request_id, preferences.wait_seconds)
        record = find_request(context.store, context.registry, request_id)
    document = request_document(record, context.settings.airflow_url)
    if record.deliveries:
        document["deliveries"] = [
            delivery_document(delivery, whole_url=False) for delivery in record.deliveries
        ]
    return checked_answer(
        document,
        _retry_after(record) | preferences.applied(waited=waited, accepted=False),
        likeness={
            "eta_seconds": None,
            "result": result_etag(record.result) if record.result else None,
        },
    )


@blueprint.delete("/requests/<request_id>")
def cancel(request_id: str) -> Response:
    """Cancel a request that waits or runs; answer with its document."""
    context = get_context()
    refuse_query(request.query_string)
    status = context.store.cancel(computation_of(context.registry, request_id), request_id)
    if status is None:
        raise UnknownRequest(request_id)
    if status is not Status.CANCELLED:
        raise Refused("already-ended", f"{request_id} is {status} already.")
    record = find_request(context.store, context.registry, request_id)
    return json_answer(request_document(record, context.settings.airflow_url))


@blueprint.post("/requests/<request_id>/retry")
@needs(Scope.ADMIN)
def retry(request_id: str) -> Response:
    """Replay a request that ended without a value: accept a new one for the same parameters."""
    context = get_context()
    refuse_query(request.query_string)
    computation = computation_of(context.registry, request_id)
    replayed = context.store.retry(computation, request_id, trace=trace_to_keep(request.environ))
    note_requests(request.environ, computation.name, [replayed])
    return Response(*_accepted(context, find_request(context.store, context.registry, replayed)))


@blueprint.get("/computations/<name>/failures")
def list_failures(name: str) -> Response:
    """Answer with the dead letters, the latest first, a page at a time."""
    context = get_context()
    computation = context.registry[name]
    page = read_page(request.query_string, "[0-9]{1,16}:[a-z0-9]{16}")
    letters = context.store.failures(computation, after=page.cursor, count=page.limit)
    url = context.settings.airflow_url
    documents = [request_document(letter, url) for letter in letters.requests]
    return page_of_list({"failures": documents, "total": letters.total}, letters.next, page.limit)


def _value(result: Result, headers: Mapping[str, str] | None = None) -> Plain:
    """Answer a submit with a value, and with what a later read of it may be compared by."""
    age_seconds = max(0, int(result.age_seconds))
    return plain_json(
        result_document(result),
        headers={"ETag": result_etag(result), "Age": f"{age_seconds}", **(headers or {})},
    )


def _accepted(
    context: Context, record: Request, headers: Mapping[str, str] | None = None, **more: object
) -> Plain:
    """Answer 202 with the request's document."""
    return plain_json(
        request_document(record, context.settings.airflow_url) | more,
        202,
        {
            "Location": f"{PREFIX}/requests/{record.id}",
            **_retry_after(record),
            **(headers or {}),
        },
    )


def _retry_after(record: Request) -> dict[str, str]:
    """Tell when to look again, while there is something to come."""
    if record.status.is_terminal:
        return {}
    return {"Retry-After": str(whole_seconds(eta_seconds(record)))}
