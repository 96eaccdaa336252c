"""Parameters as a shell gives them: ``n=40``, typed by the computation's schema."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from batchwell.schema_kinds import is_json, kinds_of

# By kind, what reads the text: as pydantic does for the text in a URL's query.
_READERS: Mapping[str, Callable[[str], Any]] = {
    kind: TypeAdapter(type_).validate_python
    for kind, type_ in {"integer": int, "number": float, "boolean": bool}.items()
}


def read_words(words: Sequence[str]) -> dict[str, str]:
    """Take ``n=40`` apart; fail naming the word that is none of these."""
    values: dict[str, str] = {}
    for word in words:
        field, equals, text = word.partition("=")
        if not (field and equals):
            raise click.UsageError(f"{word!r} is no parameter: write NAME=VALUE, such as n=40")
        if field in values:
            raise click.UsageError(f"{field} is given twice")
        try:
            word.encode()
        except UnicodeEncodeError:
            raise click.UsageError(f"{field} is not UTF-8 text") from None
        values[field] = text
    return values


def type_words(values: Mapping[str, str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as the schema types them, as the query of a URL would be read.

    What does not fit its type stays text, for the web app to tell what is wrong with it.
    """
    parts = schema.get("properties", {})
    return {field: _typed(field, text, schema, parts.get(field)) for field, text in values.items()}


def _typed(field: str, text: str, schema: Mapping[str, Any], part: Mapping[str, Any] | None) -> Any:
    kinds = kinds_of(schema, part) if part is not None else {"string"}
    if is_json(kinds):
        return read_json(text, field)
    if "string" in kinds:
        return text
    for kind, read in _READERS.items():
        if kind not in kinds:
            continue
        try:
            value = read(text)
        except ValidationError:
            continue
        if not isinstance(value, float) or math.isfinite(value):
            return value
    return text


def read_params(text: str) -> dict[str, Any]:
    """Read ``--params``: a JSON object, or ``-`` to read one from the standard input."""
    value = read_json(sys.stdin.buffer.read() if text == "-" else text, "--params")
    if not isinstance(value, dict):
        raise click.UsageError('--params must be a JSON object, such as {"n": 40}')
    return value


def read_json(text: str | bytes, name: str) -> Any:
    """Decode JSON as the web app does, or fail naming what it came from."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{name} is not JSON: {error}") from None


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")
