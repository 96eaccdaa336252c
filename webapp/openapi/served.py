"""``/openapi.json`` and ``/docs``: the document, made once per process, by the first who asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from flask import Blueprint, Flask, Response, current_app, request

from webapp.access.caller import ANYONE, get_caller
from webapp.context import get_context
from webapp.http.answers import json_answer, unchanged_answer
from webapp.http.caching import is_known
from webapp.http.page_answer import page_answer
from webapp.openapi.calls import TAGS
from webapp.openapi.document import Document, make_document
from webapp.openapi.page import sections_of

blueprint = Blueprint("openapi", __name__)

_KEY = "batchwell-openapi"


@dataclass(frozen=True, kw_only=True)
class Served:
    """The document, its JSON text and what that is known by."""

    document: Document
    text: str
    etag: str


def served_document(app: Flask) -> Served:
    """Return the app's document, as it is for the caller; make it where that is not done yet."""
    is_open = get_caller() is ANYONE
    key = f"{_KEY}-{is_open}"
    if key not in app.extensions:
        document = make_document(app, get_context().registry, is_open=is_open)
        text = json.dumps(document, ensure_ascii=False)  # integers may have any size
        digest = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
        app.extensions[key] = Served(document=document, text=text, etag=f'"{digest}"')
    served: Served = app.extensions[key]
    return served


@blueprint.get("/openapi.json")
def show_document() -> Response:
    """Describe this API in OpenAPI 3.1."""
    served = served_document(current_app)
    headers = {"ETag": served.etag}
    if is_known(served.etag):
        return unchanged_answer(headers)
    return json_answer(orjson.Fragment(served.text), headers=headers)


@blueprint.get("/docs")
def show_page() -> Response:
    """Show what the API is, and the calls that name no computation."""
    return _page(list(TAGS))


@blueprint.get("/docs/<name>")
def show_computation(name: str) -> Response:
    """Show the calls of one computation, to read and to try."""
    return _page([get_context().registry[name].name])


def _page(names: Sequence[str]) -> Response:
    document = served_document(current_app).document
    return page_answer(
        "docs.html",
        about=document["info"]["description"],
        token=document["components"]["securitySchemes"]["token"]["description"],
        computations=list(get_context().registry),
        sections=sections_of(document, names, request.host_url.rstrip("/")),
        names=names,
    )
