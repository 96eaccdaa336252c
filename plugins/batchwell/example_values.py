"""Examples of parameters, made from their JSON schema."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from batchwell.errors import InvalidParameters

if TYPE_CHECKING:
    from batchwell.computation import Computation

_PLAIN = {"boolean": False, "object": {}, "null": None}


def example_params(computation: Computation[Any, Any]) -> dict[str, Any] | None:
    """Return parameters to try the computation with; None where the schema tells too little."""
    schema = computation.parameters_schema
    params = {
        name: example_value(part, schema)
        for name, part in schema.get("properties", {}).items()
        if name in schema.get("required", ()) or part.get("examples")
    }
    try:
        computation.parse(params)
    except InvalidParameters:
        return None
    return params


def required_params(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return an example of each parameter that must be given."""
    return {
        name: example_value(schema["properties"][name], schema)
        for name in schema.get("required", ())
    }


def example_value(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """Return a value for a part of the schema: its example, default or choice, or the plainest."""
    if "$ref" in part:
        return example_value(schema["$defs"][part["$ref"].rpartition("/")[2]], schema)
    for told in ("examples", "enum"):
        if part.get(told):
            return part[told][0]
    for told in ("default", "const"):
        if told in part:
            return part[told]
    if alternatives := part.get("anyOf") or part.get("oneOf"):
        return example_value(alternatives[0], schema)
    return _plainest(part, schema)


def _plainest(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    match part.get("type"):
        case "integer" | "number":
            return _number(part)
        case "string":
            return "text".ljust(part.get("minLength", 0), "t")[: part.get("maxLength")]
        case "array":
            return [example_value(part.get("items", {}), schema)] * part.get("minItems", 0)
        case "object":
            return {
                name: example_value(part["properties"][name], schema)
                for name in part.get("required", ())
            }
        case other:
            return _PLAIN.get(str(other))


def _number(part: Mapping[str, Any]) -> Any:
    """Return the least number that the bounds let pass; without a lower one, 1 or the greatest."""
    if "minimum" in part:
        return part["minimum"]
    if "exclusiveMinimum" in part:
        least = math.floor(part["exclusiveMinimum"]) + 1
        greatest = part.get("maximum", part.get("exclusiveMaximum", math.inf))
        if least < greatest or least == part.get("maximum"):
            return least
        return (part["exclusiveMinimum"] + greatest) / 2
    if "maximum" in part:
        return min(1, part["maximum"])
    if "exclusiveMaximum" in part:
        return min(1, math.ceil(part["exclusiveMaximum"]) - 1)
    return 1
