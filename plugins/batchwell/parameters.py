"""The validated arguments of one call, as canonical JSON with its digest."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from batchwell.errors import FieldError, InvalidParameters

MAX_BYTES = 64 * 1024
MAX_DEPTH = 16
_MAX_ERRORS = 20

_canonical_json = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
).encode


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
        text = _canonical_json(model.model_dump(mode="json"))
        digest = hashlib.blake2b(text.encode(), digest_size=15).digest()
        return cls(json=text, digest=base64.urlsafe_b64encode(digest).decode())


def parse_params(computation: str, model: type[BaseModel], params: object) -> Parameters:
    """Validate decoded JSON strictly: an int must be an int. Raise `InvalidParameters`."""
    if not isinstance(params, Mapping):
        raise _refusal(computation, "params", "must be a JSON object of named parameters")
    for field, value in params.items():
        if _depth(value) > MAX_DEPTH:
            raise _refusal(computation, str(field), f"is nested deeper than {MAX_DEPTH} levels")
    try:
        text = json.dumps(params)
    except (TypeError, ValueError) as error:
        raise _refusal(computation, "params", f"is not JSON: {error}") from None
    _check_size(computation, params, len(text))
    try:
        return _canonical(computation, model.model_validate_json(text, strict=True))
    except ValidationError as error:
        raise InvalidParameters(computation, _field_errors(error)) from None


def parse_query(computation: str, model: type[BaseModel], query: Mapping[str, str]) -> Parameters:
    """Validate parameters given as text, as a URL's query gives them: ``n=40``.

    Text is read as the type that the signature names; lists and objects are read as JSON.
    Raises `InvalidParameters`.
    """
    types = {name: part.get("type") for name, part in _properties(model).items()}
    values: dict[str, object] = {}
    for field, text in query.items():
        values[field] = text
        if types.get(field) in ("array", "object"):
            try:
                values[field] = from_json(text)
            except ValueError:
                raise _refusal(computation, field, "is not JSON") from None
    _check_size(computation, query, sum(map(len, query.values())))
    try:
        return _canonical(computation, model.model_validate(values))
    except ValidationError as error:
        raise InvalidParameters(computation, _field_errors(error)) from None


def _canonical(computation: str, model: BaseModel) -> Parameters:
    try:
        return Parameters.of(model)
    except ValueError as error:
        raise _refusal(computation, "params", f"is not JSON: {error}") from None


def _properties(model: type[BaseModel]) -> dict[str, dict[str, object]]:
    properties: dict[str, dict[str, object]] = model.model_json_schema().get("properties", {})
    return properties


def _check_size(computation: str, params: Mapping[str, object], size: int) -> None:
    if size > MAX_BYTES:
        largest = max(params, key=lambda field: len(json.dumps(params[field])))
        raise _refusal(computation, str(largest), f"the parameters exceed {MAX_BYTES} bytes")


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


def _field_errors(error: ValidationError) -> list[FieldError]:
    details: list[ErrorDetails] = error.errors(
        include_url=False, include_context=False, include_input=False
    )
    return [
        FieldError(field=".".join(map(str, detail["loc"])) or "params", message=detail["msg"])
        for detail in details[:_MAX_ERRORS]
    ]
