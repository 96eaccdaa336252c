"""The catalogue, which is that of the `ActionLog`, and the picture of each of its items."""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from webapp.context import get_context
from webapp.feed.pictures import draw
from webapp.http.answers import unchanged_answer
from webapp.http.caching import checked_answer, for_whom, is_known

blueprint = Blueprint("gallery", __name__)

EDITION = 1
"""Part of the pictures' addresses: raise it when they are drawn otherwise than before."""

_FOREVER = f"max-age={365 * 24 * 3600}, immutable"


@blueprint.get("/items")
def list_items() -> Response:
    """Answer with the ids of all items, and what may be done with one."""
    log = get_context().registry.actions
    items = sorted(log.items) if log else []
    return checked_answer({"items": items, "kinds": list(log.kinds) if log else []})


@blueprint.get("/pictures/<path:item>.svg")
def show_picture(item: str) -> Response:
    """Draw an item of the catalogue: the same picture for ever, so that browsers keep it."""
    log = get_context().registry.actions
    if log is None or item not in log.items:
        raise NotFound
    picture = draw(item)
    etag = f'W/"{hashlib.blake2b(picture, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": for_whom(_FOREVER)}
    if is_known(etag):
        return unchanged_answer(headers)
    return Response(picture, content_type="image/svg+xml", headers=headers)
