"""Examples, made from schemas."""

from __future__ import annotations

from typing import Any

from batchwell.errors import InvalidParameters
from batchwell.store import AnyComputation

_PLAIN = {"string": "text", "boolean": False, "array": [], "object": {}, "null": None}


def example_params(computation: AnyComputation) -> dict[str, Any] | None:
    """Return parameters to try the computation with; None where the schema tells too little."""
    schema = computation.parameters_schema
    params = {
        name: _example(part, schema)
        for name, part in schema.get("properties", {}).items()
        if name in schema.get("required", ()) or part.get("examples")
    }
    try:
        computation.parse(params)
    except InvalidParameters:
        return None
    return params


def _example(part: dict[str, Any], schema: dict[str, Any]) -> Any:
    """Return a value for a part of the schema: its example, default or choice, or the plainest."""
    if "$ref" in part:
        return _example(schema["$defs"][part["$ref"].rpartition("/")[2]], schema)
    for told in ("examples", "enum"):
        if part.get(told):
            return part[told][0]
    for told in ("default", "const"):
        if told in part:
            return part[told]
    if alternatives := part.get("anyOf") or part.get("oneOf"):
        return _example(alternatives[0], schema)
    match part.get("type"):
        case "integer" | "number":
            return part.get("minimum", part.get("maximum", 1))
        case "object":
            return {
                name: _example(part["properties"][name], schema)
                for name in part.get("required", ())
            }
        case other:
            return _PLAIN.get(str(other))
