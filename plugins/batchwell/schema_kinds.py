"""What kinds of value a part of a JSON schema takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def kinds_of(schema: Mapping[str, Any], part: Mapping[str, Any]) -> set[str]:
    """Return the types that a part of ``schema`` allows; "" among them: any."""
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    parts = part.get("anyOf") or part.get("oneOf") or ()
    return {part.get("type", "")}.union(*(kinds_of(schema, each) for each in parts))


def is_json(kinds: set[str]) -> bool:
    """Tell whether text for these kinds is read as JSON: they are lists or objects, and no text."""
    return bool(kinds & {"array", "object"}) and "string" not in kinds
