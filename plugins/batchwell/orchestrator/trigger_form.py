"""Airflow's trigger form: what to recompute, and one field for each parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from airflow.sdk import Param

from batchwell.computation import Computation
from batchwell.errors import DefinitionError

Mode: TypeAlias = Literal["pending", "refresh", "everything"]

MODE, ITEMS = "recompute", "recompute_items"

_RESOLVED = ("integer", "number", "string", "boolean", "array", "object")


def form_params(computation: Computation[Any, Any]) -> dict[str, Param]:
    """Return the fields: the mode, a list of parameters, and each single parameter; all optional.

    The bounds come from the signature, so that Airflow refuses what the API would refuse. Raises
    `DefinitionError` for a parameter with the name of one of our fields.
    """
    schema = computation.parameters_schema
    fields = schema.get("properties", {})
    if taken := {MODE, ITEMS} & set(fields):
        raise DefinitionError(f"{computation.name}: a parameter cannot be named {taken.pop()}")
    params = {
        name: _param(name, field, required=name in schema.get("required", ()))
        for name, field in fields.items()
    }
    if params:
        params[ITEMS] = _items_param(schema)
    params[MODE] = Param(
        "pending",
        title="What to recompute",
        description=(
            "pending: what waits; refresh: also what is stale, or hot and soon stale; "
            "everything: all known values. Parameters given here are computed in any case."
        ),
        type="string",
        enum=["pending", "refresh", "everything"],
    )
    return params


def asked_items(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters that a person filled in: the list, and the single fields as one."""
    items = list(form.get(ITEMS) or ())
    single = {
        name: value
        for name, value in form.items()
        if name not in (MODE, ITEMS) and value is not None
    }
    return [*items, single] if single else items


def asked_mode(form: Mapping[str, Any]) -> Mode:
    """Return the mode that a person chose."""
    mode: Mode = form.get(MODE) or "pending"
    return mode


def _items_param(schema: Mapping[str, Any]) -> Param:
    item = {name: part for name, part in schema.items() if name != "$defs"}
    defs: Mapping[str, Any] = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    return Param(
        None,
        description="Several requests: a JSON list of objects of parameters.",
        schema={"title": "These parameters", "type": ["array", "null"], "items": item, **defs},
    )


def _param(name: str, field: Mapping[str, Any], *, required: bool) -> Param:
    # A schema that refers to others cannot be told to the form; it takes any JSON then, and the
    # computation's own validation decides.
    kind: str | Sequence[str] | None = field.get("type")
    if kind in _RESOLVED and "$ref" not in str(field):
        schema = {key: value for key, value in field.items() if key != "default"}
    else:
        schema, kind = {"title": field.get("title", name)}, list(_RESOLVED)
    schema["type"] = [*([kind] if isinstance(kind, str) else kind or ()), "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    told = [field.get("description", "")]
    told.append("" if required else f"Default: {field.get('default')!r}.")
    description = schema.pop("description", None)
    return Param(None, description=" ".join(filter(None, told)) or description, schema=schema)
