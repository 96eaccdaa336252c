"""``POST …/requests`` and ``/requests/{id}``: ask for a computing, see how it stands, cancel it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request

from batchwell.documents import eta_seconds, request_document, result_document
from batchwell.errors import UnknownRequest
from batchwell.records import Request, Status
from webapp.answers import json_answer
from webapp.api import PREFIX
from webapp.api.results import result_answer
from webapp.asking import ask, computation_of, find_request, whole_seconds
from webapp.context import get_context
from webapp.problems import Refused
from webapp.query_string import read_page
from webapp.submit_body import read_submit_body
from webapp.tolerance import read_wait, wait_for_end

blueprint = Blueprint("submissions", __name__, url_prefix=PREFIX)


@blueprint.post("/computations/<name>/requests")
def submit(name: str) -> Response:
    """Answer with a fresh result, or accept the request to compute one."""
    context = get_context()
    computation = context.registry[name]
    body = read_submit_body(request)
    parameters = computation.parse(body.params)
    submission = ask(
        context.store,
        computation,
        parameters,
        priority=body.priority,
        max_age_seconds=body.max_age,
        expires_seconds=body.expires_in,
    )
    if submission.outcome == "fresh" and submission.result is not None:
        return result_answer(submission.result)
    request_id, seconds = submission.request or "", read_wait(request.headers)
    waited = seconds and wait_for_end(context.store, computation, request_id, seconds)
    applied = {"Preference-Applied": f"wait={seconds}"} if waited else {}
    record = find_request(context.store, context.registry, request_id)
    if record.status is Status.SUCCEEDED and record.result is not None:
        return result_answer(record.result, applied)
    previous = result_document(submission.result) if submission.result else None
    return _accepted(record, applied, previous=previous)


@blueprint.get("/requests/<request_id>")
def show_request(request_id: str) -> Response:
    """Answer with the request's status document."""
    context = get_context()
    record = find_request(context.store, context.registry, request_id)
    headers = {}
    if not record.status.is_terminal:
        headers["Retry-After"] = str(whole_seconds(eta_seconds(record)))
    return json_answer(request_document(record, context.settings.airflow_url), headers=headers)


@blueprint.delete("/requests/<request_id>")
def cancel(request_id: str) -> Response:
    """Cancel a request that waits or runs; answer with its document."""
    context = get_context()
    status = context.store.cancel(computation_of(context.registry, request_id), request_id)
    if status is None:
        raise UnknownRequest(request_id)
    if status is not Status.CANCELLED:
        raise Refused("already-ended", f"{request_id} is {status} already.")
    record = find_request(context.store, context.registry, request_id)
    return json_answer(request_document(record, context.settings.airflow_url))


@blueprint.post("/requests/<request_id>/retry")
def retry(request_id: str) -> Response:
    """Replay a request that ended without a value: accept a new one for the same parameters."""
    context = get_context()
    replayed = context.store.retry(computation_of(context.registry, request_id), request_id)
    return _accepted(find_request(context.store, context.registry, replayed))


@blueprint.get("/computations/<name>/failures")
def list_failures(name: str) -> Response:
    """Answer with the dead letters, the latest first, a page at a time."""
    context = get_context()
    page = read_page(request.query_string)
    total, failures = context.store.failures(
        context.registry[name], start=page.start, count=page.limit
    )
    url = context.settings.airflow_url
    return json_answer(
        {"failures": [request_document(failure, url) for failure in failures], "total": total}
    )


def _accepted(
    record: Request, headers: Mapping[str, str] | None = None, **more: object
) -> Response:
    """Answer 202 with the request's document."""
    return json_answer(
        request_document(record, get_context().settings.airflow_url) | more,
        202,
        {
            "Location": f"{PREFIX}/requests/{record.id}",
            "Retry-After": str(whole_seconds(eta_seconds(record))),
            **(headers or {}),
        },
    )
