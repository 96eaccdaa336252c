"""The page of one request: where it stands, what happened to it, and what came of it."""

from __future__ import annotations

import json

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from batchwell.access_tokens import Scope
from batchwell.documents import request_document
from batchwell.errors import UnknownRequest
from webapp.access.scopes import needs
from webapp.asking import computation_of, find_request
from webapp.context import get_context
from webapp.http.page_answer import page_answer
from webapp.monitoring.noting import note_requests, trace_to_keep
from webapp.pages.timeline import timeline
from webapp.pages.views import result_view

blueprint = Blueprint("request_page", __name__)


@blueprint.get("/requests/<request_id>")
def show_request(request_id: str) -> Response:
    """Show the request; the page follows it to its end."""
    return _page("request.html", request_id)


@blueprint.get("/requests/<request_id>/outcome")
def show_outcome(request_id: str) -> Response:
    """Show what came of the request, as a piece of a page."""
    return _page("piece_outcome.html", request_id)


@blueprint.get("/requests/<request_id>/timeline")
def show_timeline(request_id: str) -> Response:
    """Show what happened to the request, as a piece of a page."""
    return _page("piece_timeline.html", request_id)


@blueprint.post("/requests/<request_id>/cancel")
def cancel(request_id: str) -> AnyResponse:
    """Cancel the request; what has ended by then stays as it is. Then show it."""
    context = get_context()
    if context.store.cancel(computation_of(context.registry, request_id), request_id) is None:
        raise UnknownRequest(request_id)
    return redirect(f"/requests/{request_id}", 303)


@blueprint.post("/requests/<request_id>/replay")
@needs(Scope.ADMIN)
def replay(request_id: str) -> AnyResponse:
    """Submit what ended without a value once more; then show the new request."""
    context = get_context()
    computation = computation_of(context.registry, request_id)
    replayed = context.store.retry(computation, request_id, trace=trace_to_keep(request.environ))
    note_requests(request.environ, computation.name, [replayed])
    return redirect(f"/requests/{replayed}", 303)


def _page(template: str, request_id: str) -> Response:
    context = get_context()
    record = find_request(context.store, context.registry, request_id)
    airflow_url = context.settings.airflow_url
    computation = context.registry[record.computation]
    return page_answer(
        template,
        record=record,
        computation=computation,
        document=request_document(record, airflow_url),
        steps=timeline(record),
        params=json.loads(record.params),
        view=result_view(computation, record.result, airflow_url) if record.result else None,
    )
