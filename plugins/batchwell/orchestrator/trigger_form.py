"""Airflow's trigger form: one field for each parameter of the computation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param

from batchwell.computation import Computation

_RESOLVED = ("integer", "number", "string", "boolean", "array", "object")


def form_params(computation: Computation[Any, Any]) -> dict[str, Param]:
    """Return a field per parameter, all empty: an empty form submits nothing.

    The bounds come from the signature, so that Airflow refuses what the API would refuse.
    """
    schema = computation.parameters_schema
    return {
        name: _param(name, field, required=name in schema.get("required", ()))
        for name, field in schema.get("properties", {}).items()
    }


def asked_params(form: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the parameters that a person filled in, or None for an empty form."""
    given = {name: value for name, value in form.items() if value is not None}
    return given or None


def _param(name: str, field: Mapping[str, Any], *, required: bool) -> Param:
    # A schema that refers to others cannot be told to the form; it takes any JSON then, and the
    # computation's own validation decides.
    kind = field.get("type")
    if kind in _RESOLVED and "$ref" not in str(field):
        schema = {key: value for key, value in field.items() if key != "default"}
    else:
        schema, kind = {"title": field.get("title", name)}, list(_RESOLVED)
    schema["type"] = [*([kind] if isinstance(kind, str) else kind), "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    told = [field.get("description", "")]
    told.append("" if required else f"Default: {field.get('default')!r}.")
    description = schema.pop("description", None)
    return Param(None, description=" ".join(filter(None, told)) or description, schema=schema)
