"""JSON bodies: read strictly, and refused naming what is wrong with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from flask import Request
from gunicorn.http.errors import NoMoreData, ParseException
from pydantic_core import from_json

from batchwell.errors import FieldError
from webapp.problems import Refused

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_BEYOND_LIMITS = {
    "recursion limit exceeded": "is nested too deep",
    "number out of range": "has too many digits",
    "unexpected end of hex escape": "has half a character (a lone surrogate)",
    "lone leading surrogate": "has half a character (a lone surrogate)",
}
_STRING_AT_END = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?\Z', re.DOTALL)


def read_body(request: Request) -> bytes:
    """Return the text of a JSON body; raise `Refused`, 415 for any other, 413 if too long."""
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise Refused("unsupported-media-type", "Send the body as Content-Type: application/json.")
    coding = request.environ.get("HTTP_CONTENT_ENCODING", "")
    if coding.strip().lower() not in ("", "identity"):
        raise Refused(
            "unsupported-media-type",
            "Send the body as it is: no Content-Encoding but identity is understood.",
            headers={"Accept-Encoding": "identity"},
        )
    try:
        return request.get_data(cache=False)
    except (NoMoreData, ParseException) as error:
        raise Refused("bad-request", f"The body ends or is cut wrongly: {error}.") from None


def decode(text: bytes) -> object:
    """Return what the text says; raise `Refused` for what is no JSON, or says a member twice."""
    try:
        # NaN passes here, so that the check of its field refuses it by name.
        value: object = from_json(text, allow_inf_nan=True)
    except ValueError as error:
        raise _refusal(text, str(error)) from None
    # Each member has a colon, so that where no string has one too, this tells at small cost.
    if text.count(b":") != _count_members(value):
        json.loads(text, object_pairs_hook=_refuse_repeated)
    return value


def _count_members(value: object) -> int:
    count, left = 0, [value]
    while left:
        each = left.pop()
        if isinstance(each, dict):
            count += len(each)
            left += each.values()
        elif isinstance(each, list):
            left += each
    return count


def _refuse_repeated(pairs: list[tuple[str, object]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        repeated = sorted({name for name in names if names.count(name) > 1})
        raise Refused(
            "invalid-body",
            f"The body says {', '.join(repeated)} more than once.",
            [FieldError(field=name, message="is given more than once") for name in repeated],
        )


def _refusal(text: bytes, told: str) -> Refused:
    for limit, message in _BEYOND_LIMITS.items():
        if told.startswith(limit):
            field = _field_at(text, told)
            error = FieldError(field=field, message=message)
            return Refused("invalid-parameters", f"{field} {message}", [error])
    return Refused("broken-json", f"The body is not JSON: {told}.")


def _field_at(text: bytes, told: str) -> str:
    """Name the parameter that the parser had come to when it told of line and column."""
    line, column = map(int, re.findall(r"line (\d+) column (\d+)", told)[0])
    end = sum(len(before) + 1 for before in text.split(b"\n")[: line - 1]) + column
    path = [key for key in _keys_open_at(_STRING_AT_END.sub(b"", text[:end])) if key]
    return path[1] if path[:1] == ["params"] and len(path) > 1 else (path or ["body"])[0]


def _keys_open_at(text: bytes) -> Iterator[str]:
    """Yield the last string seen in each object or list that is open at the end of the text."""
    last = [""]
    for token in _TOKEN.findall(text):
        if token in (b"{", b"["):
            last.append("")
        elif token in (b"}", b"]"):
            last.pop()
        else:
            last[-1] = token.strip(b'"').decode(errors="replace")
    yield from last[1:3]
