"""The page of one request: where it stands, and what came of it."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from batchwell.documents import request_document
from webapp.asking import find_request
from webapp.context import get_context
from webapp.http.page_answer import page_answer
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


def _page(template: str, request_id: str) -> Response:
    context = get_context()
    record = find_request(context.store, context.registry, request_id)
    airflow_url = context.settings.airflow_url
    return page_answer(
        template,
        record=record,
        computation=context.registry[record.computation],
        document=request_document(record, airflow_url),
        params=json.loads(record.params),
        view=result_view(record.result, airflow_url) if record.result else None,
    )
