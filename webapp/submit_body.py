"""The JSON body of a submit, checked member by member."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from flask import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from batchwell.errors import FieldError
from batchwell.parameters import field_errors
from batchwell.records import Priority
from webapp.problems import Refused

# As long as anything lasts: beyond it nothing in the store is that old.
_LONGEST_SECONDS = 1e10
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_BEYOND_LIMITS = {
    "recursion limit exceeded": "is nested too deep",
    "number out of range": "has too many digits",
}


class SubmitBody(BaseModel):
    """What a client may say when it asks for a computing."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

    params: object
    priority: Annotated[Priority, Field(strict=False)] = Priority.NORMAL
    max_age: Annotated[float, Field(ge=0)] | None = None
    expires_in: Annotated[float, Field(gt=0)] | None = None


def read_submit_body(request: Request) -> SubmitBody:
    """Read the body; raise `Refused` (415, 413, 400 or 422) naming what is wrong with it."""
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise Refused("unsupported-media-type", "Send the body as Content-Type: application/json.")
    members = _decode(request.get_data(cache=False))
    if not isinstance(members, dict):
        errors = [FieldError(field="body", message="must be a JSON object")]
        raise Refused("invalid-body", "The body must be a JSON object.", errors)
    try:
        body = SubmitBody.model_validate(members)
    except ValidationError as error:
        told = "The body has members that do not fit."
        raise Refused("invalid-body", told, field_errors(error)) from None
    if body.max_age is not None:
        body.max_age = min(body.max_age, _LONGEST_SECONDS)
    if body.expires_in is not None:
        body.expires_in = min(body.expires_in, _LONGEST_SECONDS)
    return body


def _decode(text: bytes) -> object:
    try:
        # NaN passes here, so that the check of its field refuses it by name.
        return from_json(text, allow_inf_nan=True)
    except ValueError as error:
        told = str(error)
    for limit, message in _BEYOND_LIMITS.items():
        if told.startswith(limit):
            field = _field_at(text, told)
            raise Refused(
                "invalid-parameters",
                f"{field} {message}",
                [FieldError(field=field, message=message)],
            )
    raise Refused("broken-json", f"The body is not JSON: {told}.")


def _field_at(text: bytes, told: str) -> str:
    """Name the parameter that the parser had come to when it told of line and column."""
    line, column = map(int, re.findall(r"line (\d+) column (\d+)", told)[0])
    end = sum(len(before) + 1 for before in text.split(b"\n")[: line - 1]) + column
    path = [key for key in _keys_open_at(text[:end]) if key]
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
