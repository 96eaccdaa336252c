"""The JSON body of a bulk submit, in which a bad item spoils only itself."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated

from flask import Request
from pydantic import Field

from batchwell.errors import FieldError
from batchwell.parameters import Parameters
from batchwell.store import AnyComputation
from webapp.http.json_body import decode, read_body
from webapp.http.submit_body import SubmitOptions, check_members
from webapp.problems import Refused

MOST_ITEMS = 10_000
MAX_BULK_BYTES = 16 * 1024 * 1024

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{},]', re.DOTALL)
# More than any 10,000 sensible items have: what has more is not worth the time to take it apart.
_MOST_TOKENS = 1_000_000


class BulkBody(SubmitOptions):
    """What a client says when it asks for many computings: the items, and what holds for all."""

    items: Annotated[list[object], Field(min_length=1, max_length=MOST_ITEMS)]


def read_bulk_body(request: Request) -> BulkBody:
    """Read the body; raise `Refused` (415, 413, 400 or 422) for what spoils the whole of it."""
    request.max_content_length = MAX_BULK_BYTES
    return check_members(BulkBody, decode_apart(read_body(request)))


def parse_item(computation: AnyComputation, item: object) -> Parameters:
    """Return the item's parameters; raise `InvalidParameters` or `Refused` naming its fields."""
    if isinstance(item, Refused):
        raise item
    if not isinstance(item, dict):
        raise _misfit(FieldError(field="item", message="must be a JSON object"))
    if "params" not in item:
        raise _misfit(FieldError(field="params", message="Field required"))
    if len(item) > 1:
        others = [name for name in item if name != "params"]
        raise _misfit(
            *(FieldError(field=name, message="does not belong to an item") for name in others)
        )
    return computation.parse(item["params"])


def _misfit(*errors: FieldError) -> Refused:
    return Refused("invalid-body", "The item has members that do not fit.", errors)


def decode_apart(text: bytes) -> object:
    """Decode the text, where need be each of its ``items`` by itself; raise `Refused`.

    An item that is JSON but beyond our limits, or says a member twice, is the `Refused` that
    tells it.
    """
    try:
        return decode(text)
    except Refused as refused:
        parts = None if refused.kind == "broken-json" else _take_apart(text)
        if parts is None:
            raise
    rest, items = parts
    members = decode(rest)
    if isinstance(members, dict):
        members["items"] = [_decoded(item) for item in items]
    return members


def _decoded(item: bytes) -> object:
    try:
        return decode(item)
    except Refused as refused:
        return refused


def _take_apart(text: bytes) -> tuple[bytes, list[bytes]] | None:
    """Return the text without its items, and the texts of the items; None without a list."""
    if sum(map(text.count, (b"[", b"{", b",", b'"'))) > _MOST_TOKENS:
        return None
    depth, last, cuts = 0, b"", [0]
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in (b"[", b"{"):
            depth += 1
            if depth == 2 and token == b"[" and last == b'"items"':
                cuts = [match.end()]
        elif token in (b"]", b"}"):
            depth -= 1
            if depth == 1 and cuts[0]:
                items = [text[a:b] for a, b in pairwise([*cuts, match.end()])]
                return text[: cuts[0]] + text[match.start() :], [item[:-1] for item in items]
        elif token != b",":
            last = token if depth == 1 else last
        elif depth == 2 and cuts[0]:
            cuts.append(match.end())
    return None
