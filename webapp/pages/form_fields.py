"""A form, made from the JSON schema of a computation's parameters."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from batchwell.errors import FieldError

Schema: TypeAlias = Mapping[str, Any]
Kind: TypeAlias = Literal["number", "text", "long_text", "choice", "switch", "json"]

_INPUT_TYPES = {"date": "date", "time": "time", "email": "email", "uri": "url"}
_LONG_TEXT = 200
_TEXTS = ("text", "long_text")


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One input of a form; ``attributes`` are those of its HTML element."""

    name: str
    label: str
    help: str
    kind: Kind
    is_required: bool
    value: str
    options: tuple[tuple[str, str], ...]
    attributes: Mapping[str, str]
    error: str


def form_fields(
    schema: Schema,
    values: Mapping[str, str] | None = None,
    errors: Iterable[FieldError] = (),
) -> list[FormField]:
    """Return the inputs for a schema, filled with ``values`` or else with defaults and examples."""
    required = schema.get("required", ())
    told: dict[str, str] = {}
    for error in errors:
        told.setdefault(error.field.partition(".")[0], error.message)
    return [
        _field(
            name,
            _resolve(part, schema.get("$defs", {})),
            is_required=name in required,
            value=None if values is None else values.get(name, ""),
            error=told.get(name, ""),
        )
        for name, part in schema.get("properties", {}).items()
    ]


def typed_values(fields: Iterable[FormField], form: Mapping[str, str]) -> dict[str, str]:
    """Return what a submitted form says: a blank input says nothing, an empty box says no."""
    values = dict(form)
    for field in fields:
        if field.kind == "switch":
            values.setdefault(field.name, "false")
        elif values.get(field.name) == "" and not (field.is_required and field.kind in _TEXTS):
            del values[field.name]
    return values


def _field(
    name: str, part: Schema, *, is_required: bool, value: str | None, error: str
) -> FormField:
    kind = _kind(part)
    if value is None:
        examples = part.get("examples") or [None]
        default = part.get("default", examples[0])
        value = "" if default is None else as_text(default)
    return FormField(
        name=name,
        label=part.get("title") or name,
        help=part.get("description", ""),
        kind=kind,
        is_required=is_required,
        value=value,
        options=tuple((as_text(option), json.dumps(option)) for option in _options(part)),
        attributes=_attributes(kind, part, is_required=is_required),
        error=error,
    )


def as_text(value: object) -> str:
    """Spell a JSON value as a person types it into an input."""
    if isinstance(value, float) and math.isfinite(value):
        return f"{Decimal(str(value)):f}".removesuffix(".0")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _resolve(part: Schema, definitions: Schema) -> Schema:
    """Follow references and take the first alternative that is not null; the outer words win."""
    if "$ref" in part:
        inner = definitions.get(part["$ref"].rpartition("/")[2], {})
    elif "anyOf" in part:
        inner = next((option for option in part["anyOf"] if option.get("type") != "null"), {})
    else:
        return part
    outer = {name: value for name, value in part.items() if name not in ("$ref", "anyOf")}
    return {**_resolve(inner, definitions), **outer}


def _options(part: Schema) -> list[object]:
    return [part["const"]] if "const" in part else list(part.get("enum", ()))


def _kind(part: Schema) -> Kind:
    if _options(part):
        return "choice"
    match part.get("type"):
        case "integer" | "number":
            return "number"
        case "boolean":
            return "switch"
        case "string":
            return "long_text" if part.get("maxLength", 0) > _LONG_TEXT else "text"
        case _:
            return "json"


def _attributes(kind: Kind, part: Schema, *, is_required: bool) -> dict[str, str]:
    found: dict[str, object] = {}
    if kind == "number":
        is_whole = part["type"] == "integer"
        found["type"] = "number"
        found["inputmode"] = "numeric" if is_whole and part.get("minimum", -1) >= 0 else None
        found["min"] = part.get("minimum", _next(part.get("exclusiveMinimum"), is_whole))
        found["max"] = part.get("maximum", _next(part.get("exclusiveMaximum"), -is_whole))
        found["step"] = part.get("multipleOf", 1 if is_whole else "any")
    elif kind in _TEXTS:
        found["type"] = _INPUT_TYPES.get(part.get("format", ""), "text")
        found["minlength"] = part.get("minLength")
        found["maxlength"] = part.get("maxLength")
        if "pattern" in part:
            found["pattern"] = f".*(?:{part['pattern']}).*"
    if kind == "long_text":
        del found["type"]
    may_be_blank = kind in _TEXTS and not part.get("minLength")
    if is_required and kind != "switch" and not may_be_blank:
        found["required"] = ""
    return {name: as_text(value) for name, value in found.items() if value is not None}


def _next(bound: float | None, step: int) -> float | None:
    """Return the nearest whole number within an exclusive bound (``step`` 0: the bound itself)."""
    return None if bound is None else bound + step
