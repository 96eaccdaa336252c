"""``GET /computations`` and ``GET /computations/{name}``: the catalogue."""

from __future__ import annotations

from itertools import islice

from flask import Blueprint, Response, request

from webapp.api import PREFIX
from webapp.catalogue import computation_document
from webapp.context import get_context
from webapp.http.caching import checked_answer
from webapp.http.paging import page_of_list, read_page
from webapp.http.query_string import refuse_query

blueprint = Blueprint("computations", __name__, url_prefix=PREFIX)


@blueprint.get("/computations")
def list_computations() -> Response:
    """Answer with the catalogue, by name, a page at a time."""
    context = get_context()
    page = read_page(request.query_string, "[a-z][a-z0-9_]*")
    rest = (one for one in context.registry if one.name > page.cursor)
    listed = list(islice(rest, page.limit))
    documents = [
        computation_document(
            computation, context.store.count(computation), context.settings.airflow_url
        )
        for computation in listed
    ]
    following = listed[-1].name if next(rest, None) else None
    return page_of_list({"computations": documents}, following, page.limit)


@blueprint.get("/computations/<name>")
def show_computation(name: str) -> Response:
    """Answer with what one computation takes, returns and promises, and how busy it is."""
    context = get_context()
    computation = context.registry[name]
    refuse_query(request.query_string)
    counts = context.store.count(computation)
    return checked_answer(computation_document(computation, counts, context.settings.airflow_url))
