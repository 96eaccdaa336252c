"""``GET …/deliveries`` and ``POST /deliveries/{id}/retry``: what became of webhooks."""

from __future__ import annotations

from flask import Blueprint, Response, request

from batchwell.access_tokens import Scope
from batchwell.errors import UnknownComputation, UnknownDelivery
from batchwell.identifiers import split_delivery_id
from webapp.access.scopes import needs
from webapp.api import PREFIX
from webapp.context import get_context
from webapp.http.answers import json_answer
from webapp.http.paging import page_of_list, read_page
from webapp.http.query_string import refuse_query
from webapp.webhook import delivery_document

blueprint = Blueprint("deliveries", __name__, url_prefix=PREFIX)


@blueprint.get("/computations/<name>/deliveries")
@needs(Scope.ADMIN)
def list_deliveries(name: str) -> Response:
    """Answer with the deliveries of the last week, the latest first, a page at a time."""
    context = get_context()
    computation = context.registry[name]
    page = read_page(request.query_string, "[0-9]{1,16}:[a-z0-9]{16}-[0-9]{1,2}")
    found, place = context.store.deliveries(computation, after=page.cursor, count=page.limit)
    documents = [delivery_document(delivery, whole_url=True) for delivery in found]
    return page_of_list({"deliveries": documents}, place or None, page.limit)


@blueprint.post("/deliveries/<delivery_id>/retry")
@needs(Scope.ADMIN)
def redeliver(delivery_id: str) -> Response:
    """Have a message delivered again, whatever became of it; answer with the delivery."""
    context = get_context()
    refuse_query(request.query_string)
    name, _ = split_delivery_id(delivery_id)
    try:
        computation = context.registry[name]
    except UnknownComputation:
        raise UnknownDelivery(delivery_id) from None
    delivery = context.store.redeliver(computation, delivery_id)
    return json_answer(delivery_document(delivery, whole_url=True), 202)
