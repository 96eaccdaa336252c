"""The schemas of the document: the shared ones, and each computation's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from batchwell.store import AnyComputation

Schema: TypeAlias = dict[str, Any]

_REF = "#/components/schemas/"
_NARROWED = ("params", "value", "computation")


class Schemas:
    """The schemas by name (``all``), of the models and of what each computation takes and gives.

    A model that has a member ``params``, ``value`` or ``computation``, or refers to one that has,
    tells of one computation: instead of the model's own schema there is one for each computation,
    in which those members have its own types.
    """

    def __init__(
        self, computations: Iterable[AnyComputation], models: Iterable[type[BaseModel]]
    ) -> None:
        """Make them all."""
        _, made = models_json_schema(
            [(model, "validation") for model in models], ref_template=f"{_REF}{{model}}"
        )
        shared: dict[str, Schema] = made["$defs"]
        self._specific = _specific(shared)
        self._computations = [computation.name for computation in computations]
        self.all = {name: one for name, one in shared.items() if name not in self._specific}
        for computation in computations:
            prefix = class_name(computation.name)
            self.all |= _lifted(f"{prefix}Parameters", computation.parameters_schema)
            self.all |= _lifted(f"{prefix}Value", computation.result_schema)
            for name in sorted(self._specific):
                self.all[f"{prefix}{name}"] = self._narrowed(shared[name], computation.name)
        # Generators name their classes by it, if there is one.
        self.all = {name: {**one, "title": name} for name, one in self.all.items()}

    def parameters_of(self, computation: AnyComputation) -> Schema:
        """Return the schema of a computation's parameters."""
        return self.all[f"{class_name(computation.name)}Parameters"]

    def refer(self, model: type[BaseModel], computation: AnyComputation | None) -> Schema:
        """Refer to the schema of a model that tells of the computation; None: of any."""
        name = model.__name__
        if name not in self._specific:
            return {"$ref": f"{_REF}{name}"}
        if computation is not None:
            return {"$ref": f"{_REF}{class_name(computation.name)}{name}"}
        if not self._computations:
            return {"type": "object"}
        mapping = {each: f"{_REF}{class_name(each)}{name}" for each in self._computations}
        return {
            "oneOf": [{"$ref": reference} for reference in mapping.values()],
            "discriminator": {"propertyName": "computation", "mapping": mapping},
        }

    def _narrowed(self, schema: Schema, computation: str) -> Schema:
        prefix = class_name(computation)
        own = {
            "params": {"$ref": f"{_REF}{prefix}Parameters"},
            "value": {"$ref": f"{_REF}{prefix}Value"},
            "computation": {"type": "string", "const": computation},
        }

        def narrow(part: Any) -> Any:
            if isinstance(part, list):
                return [narrow(one) for one in part]
            if not isinstance(part, dict):
                return part
            target = str(part.get("$ref", "")).removeprefix(_REF)
            if target in self._specific:
                return part | {"$ref": f"{_REF}{prefix}{target}"}
            return {key: narrow(one) for key, one in part.items()}

        narrowed: Schema = narrow(schema)
        members = narrowed["properties"]
        return narrowed | {"properties": members | {n: own[n] for n in own if n in members}}


def class_name(computation: str) -> str:
    """Return ``OptionPrice`` for ``option_price``: another for each name."""
    return re.sub(r"(?:^|_)([a-z])", lambda found: found[1].upper(), computation)


def _specific(shared: dict[str, Schema]) -> set[str]:
    found = {name for name, one in shared.items() if {*_NARROWED} & {*one.get("properties", {})}}
    texts = {name: json.dumps(one) for name, one in shared.items()}
    while more := {
        name
        for name in shared.keys() - found
        if any(f'"{_REF}{one}"' in texts[name] for one in found)
    }:
        found |= more
    return found


def _lifted(name: str, schema: Schema) -> dict[str, Schema]:
    """Return the schema under the name, its definitions beside it."""
    lifted: Schema = json.loads(json.dumps(schema).replace('"#/$defs/', f'"{_REF}{name}'))
    definitions = lifted.pop("$defs", {})
    return {name: lifted, **{f"{name}{inner}": one for inner, one in definitions.items()}}
