"""``GET /computations`` and ``GET /computations/{name}``: the catalogue."""

from __future__ import annotations

from flask import Blueprint, Response

from webapp.answers import json_answer
from webapp.api import PREFIX
from webapp.catalogue import computation_document
from webapp.context import get_context

blueprint = Blueprint("computations", __name__, url_prefix=PREFIX)


@blueprint.get("/computations")
def list_computations() -> Response:
    """Answer with the catalogue of all computations."""
    context = get_context()
    documents = [
        computation_document(
            computation, context.store.count(computation), context.settings.airflow_url
        )
        for computation in context.registry
    ]
    return json_answer({"computations": documents})


@blueprint.get("/computations/<name>")
def show_computation(name: str) -> Response:
    """Answer with what one computation takes, returns and promises, and how busy it is."""
    context = get_context()
    computation = context.registry[name]
    counts = context.store.count(computation)
    return json_answer(computation_document(computation, counts, context.settings.airflow_url))
