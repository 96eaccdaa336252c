"""``POST …/requests`` and ``GET /requests/{id}``: ask for a computing, and see how it stands."""

from __future__ import annotations

from flask import Blueprint, Response, request

from batchwell.documents import eta_seconds, request_document, result_document
from webapp.answers import json_answer
from webapp.api import PREFIX
from webapp.api.results import result_answer
from webapp.asking import ask, find_request, whole_seconds
from webapp.context import get_context
from webapp.submit_body import read_submit_body

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
    )
    if submission.outcome == "fresh" and submission.result is not None:
        return result_answer(submission.result)
    record = find_request(context.store, context.registry, submission.request or "")
    document = request_document(record, context.settings.airflow_url)
    document["previous"] = result_document(submission.result) if submission.result else None
    return json_answer(
        document,
        202,
        {
            "Location": f"{PREFIX}/requests/{record.id}",
            "Retry-After": str(whole_seconds(eta_seconds(record))),
        },
    )


@blueprint.get("/requests/<request_id>")
def show_request(request_id: str) -> Response:
    """Answer with the request's status document."""
    context = get_context()
    record = find_request(context.store, context.registry, request_id)
    headers = {}
    if not record.status.is_terminal:
        headers["Retry-After"] = str(whole_seconds(eta_seconds(record)))
    return json_answer(request_document(record, context.settings.airflow_url), headers=headers)
