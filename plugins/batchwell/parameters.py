"""The validated arguments of one call, as canonical JSON with its digest."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from batchwell.errors import FieldError, InvalidParameters
from batchwell.schema_kinds import is_json, kinds_of

MAX_BYTES = 64 * 1024
MAX_DEPTH = 16
_MAX_ERRORS = 20
_MOST_EXACT = 2**53

_canonical_json = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode
_strict_json = json.JSONEncoder(allow_nan=False).encode


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameters:
    """Canonical JSON (sorted keys, no spaces, defaults filled in) and its 120-bit digest.

    Two calls that mean the same have the same digest, whatever the order or the spelling in
    which their arguments came.
    """

    json: str
    digest: str

    @classmethod
    def of(cls, model: BaseModel) -> Parameters:
        """Make the canonical form; raise `ValueError` for what JSON cannot express."""
        text = _canonical_json(model.model_dump(mode="json", by_alias=True))
        digest = hashlib.blake2b(text.encode(), digest_size=15).digest()
        return cls(json=text, digest=base64.urlsafe_b64encode(digest).decode())


def parse_params(computation: str, model: type[BaseModel], params: object) -> Parameters:
    """Validate decoded JSON strictly: an int must be an int. Raise `InvalidParameters`.

    JSON has one kind of number, so that 1.0 is an int too, as JSON schema has it.
    """
    if not isinstance(params, Mapping):
        raise _refusal(computation, "params", "must be a JSON object of named parameters")
    text = _json_text(computation, params)
    try:
        return _validated(computation, model, text)
    except InvalidParameters:
        whole = _json_text(computation, _with_whole_numbers(params))
        if whole == text:
            raise
    return _validated(computation, model, whole)


def _validated(computation: str, model: type[BaseModel], text: str) -> Parameters:
    try:
        return _canonical(computation, model.model_validate_json(text, strict=True))
    except ValidationError as error:
        raise InvalidParameters(computation, field_errors(error)) from None


def parse_query(computation: str, model: type[BaseModel], query: Mapping[str, str]) -> Parameters:
    """Validate parameters given as text, as a URL's query gives them: ``n=40``.

    Text is read as the type that the signature names; lists and objects are read as JSON.
    Raises `InvalidParameters`.
    """
    values: dict[str, object] = {}
    for field, text in query.items():
        values[field] = text
        if field in _json_fields(model):
            try:
                values[field] = from_json(text)
            except ValueError:
                raise _refusal(computation, field, "is not JSON") from None
    _json_text(computation, values)
    try:
        return _canonical(computation, model.model_validate(values))
    except ValidationError as error:
        raise InvalidParameters(computation, field_errors(error)) from None


def _canonical(computation: str, model: BaseModel) -> Parameters:
    try:
        return Parameters.of(model)
    except ValueError as error:
        raise _refusal(computation, "params", f"is not JSON: {error}") from None


@cache
def _json_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the fields that take lists or objects, and no text."""
    schema = model.model_json_schema()
    fields = schema.get("properties", {}).items()
    return frozenset(field for field, part in fields if is_json(kinds_of(schema, part)))


def _json_text(computation: str, params: Mapping[str, object]) -> str:
    """Return ``params`` as JSON, once each field is JSON of bounded depth and all of size."""
    texts: dict[str, str] = {}
    for field, value in params.items():
        if _depth(value) > MAX_DEPTH:
            raise _refusal(computation, field, f"is nested deeper than {MAX_DEPTH} levels")
        try:
            texts[field] = _strict_json(value)
        except (TypeError, ValueError) as error:
            raise _refusal(computation, field, f"is not JSON: {error}") from None
    if sum(map(len, texts.values())) > MAX_BYTES:
        largest = max(texts, key=lambda field: len(texts[field]))
        raise _refusal(computation, largest, f"the parameters exceed {MAX_BYTES} bytes")
    return "{" + ",".join(f"{_strict_json(field)}:{text}" for field, text in texts.items()) + "}"


def _with_whole_numbers(value: Any) -> Any:
    """Return the JSON value with 1.0 spelt 1, as far as a float is exact."""
    match value:
        case Mapping():
            return {key: _with_whole_numbers(one) for key, one in value.items()}
        case list():
            return [_with_whole_numbers(one) for one in value]
        case float() if value.is_integer() and abs(value) <= _MOST_EXACT:
            return int(value)
        case _:
            return value


def _depth(value: object) -> int:
    """Count the levels of nesting, giving up just past the limit."""
    depth, level = 0, [value]
    while depth <= MAX_DEPTH:
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            break
        depth += 1
    return depth


def _refusal(computation: str, field: str, message: str) -> InvalidParameters:
    return InvalidParameters(computation, [FieldError(field=field, message=message)])


def field_errors(error: ValidationError) -> list[FieldError]:
    """Return a complaint for each offending field, the first twenty."""
    details: list[ErrorDetails] = error.errors(
        include_url=False, include_context=False, include_input=False
    )
    return [
        FieldError(field=".".join(map(str, detail["loc"])) or "params", message=detail["msg"])
        for detail in details[:_MAX_ERRORS]
    ]
