"""Lists, a page at a time: each page tells a cursor by which the next is found.

A cursor names a place in the order of the list, not a number of entries, so that nothing is missed
or repeated while entries come and go.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated
from urllib.parse import urlencode

from flask import Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from batchwell.errors import FieldError, InvalidParameters
from batchwell.parameters import field_errors
from webapp.http.caching import checked_answer
from webapp.http.query_string import single_values


class Page(BaseModel):
    """Which part of a list to answer with; ``cursor`` is the place that it goes on after."""

    model_config = ConfigDict(extra="forbid")

    cursor: str = ""
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


def read_page(query_string: bytes, place: str) -> Page:
    """Read ``cursor=…&limit=50``, of a list whose places look like ``place``, a pattern.

    Raises `InvalidParameters`.
    """
    if not query_string:
        return Page()
    try:
        page = Page.model_validate(single_values("a list", query_string))
    except ValidationError as error:
        raise InvalidParameters("a list", field_errors(error)) from None
    if "cursor" in page.model_fields_set:
        page.cursor = _opened(page.cursor, place)
    return page


def page_of_list(documents: dict[str, object], next_place: str | None, limit: int) -> Response:
    """Answer with a page; ``next`` and the header ``Link`` lead to the next, if there is one."""
    cursor = _sealed(next_place) if next_place else None
    headers = {}
    if cursor:
        query = urlencode({"cursor": cursor, "limit": limit})
        headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return checked_answer({**documents, "next": cursor}, headers)


def _sealed(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _opened(cursor: str, place: str) -> str:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    if re.fullmatch(place, text) and _sealed(text) == cursor:
        return text
    message = "is not one that this list gave; begin without a cursor"
    raise InvalidParameters("a list", [FieldError(field="cursor", message=message)])
