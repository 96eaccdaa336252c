"""Schemas told in words: the type of a value, the members of an object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from webapp.openapi.components import Schema

_DEPTH = 3
_NAMES = {"integer": "whole number", "string": "text", "boolean": "true or false"}
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "above {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "below {}"),
    ("minLength", "at least {} long"),
    ("maxLength", "at most {} long"),
    ("minItems", "at least {} of them"),
    ("maxItems", "at most {} of them"),
    ("format", "{}"),
)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of an object; ``name`` is a dotted path, ``[]`` after a list's."""

    name: str
    type: str
    told: str
    is_required: bool


@dataclass(frozen=True)
class SchemaWords:
    """Tells of schemas, which may refer to ``schemas``."""

    schemas: Mapping[str, Schema]

    def members(self, schema: Schema, prefix: str = "", depth: int = 1) -> Iterator[Member]:
        """Yield the members of an object, each followed by its own.

        Of an object of several kinds those of all. Where the kinds are those of the computations,
        what their parameters and results have inside is passed over.
        """
        kinds = list(self._alternatives(schema))
        names = dict.fromkeys(name for kind in kinds for name in kind.get("properties", {}))
        by_computation = schema.get("discriminator", {}).get("propertyName") == "computation"
        for name in names:
            is_own = by_computation and name in ("params", "result")
            having = [kind for kind in kinds if name in kind.get("properties", {})]
            parts = [kind["properties"][name] for kind in having]
            yield Member(
                name=f"{prefix}{name}",
                type=" or ".join(dict.fromkeys(map(self.type, parts))),
                told="" if is_own else next(filter(None, map(self._told, parts)), ""),
                is_required=all(name in kind.get("required", ()) for kind in kinds),
            )
            if depth < _DEPTH and not is_own:
                yield from self._inner(parts, f"{prefix}{name}", depth + 1)

    def type(self, schema: Schema) -> str:
        """Return ``whole number, at most 42``, ``text or null``, ``list of objects`` …"""
        found = self._plain(schema)
        if choices := found.get("anyOf") or found.get("oneOf"):
            return " or ".join(dict.fromkeys(map(self.type, choices)))
        if "const" in found:
            return json.dumps(found["const"])
        if "enum" in found:
            return " or ".join(map(json.dumps, found["enum"]))
        kind: str = found.get("type", "anything")
        told = [_NAMES.get(kind, kind)]
        if found.get("type") == "array":
            told = [f"list of {_plural(self.type(found.get('items', {})))}"]
        told += [words.format(found[bound]) for bound, words in _BOUNDS if bound in found]
        return ", ".join(told)

    def _inner(self, parts: Sequence[Schema], path: str, depth: int) -> Iterator[Member]:
        """Yield the members of what is inside of a list, or beside null."""
        inner = [kind for part in parts for kind in self._alternatives(part)]
        while lists := [kind["items"] for kind in inner if kind.get("items")]:
            path += "[]"
            inner = [kind for part in lists for kind in self._alternatives(part)]
        yield from self.members({"anyOf": inner}, f"{path}.", depth)

    def _alternatives(self, schema: Schema) -> Iterator[Schema]:
        found = self._plain(schema)
        choices = found.get("anyOf") or found.get("oneOf")
        if not choices:
            yield found
            return
        for choice in choices:
            if choice.get("type") != "null":
                yield from self._alternatives(choice)

    def _told(self, schema: Schema) -> str:
        told: str = schema.get("description") or self._plain(schema).get("description", "")
        return told

    def _plain(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema


def _plural(words: str) -> str:
    """Return the words for many; those of several alternatives stay as they are."""
    first, comma, rest = words.partition(",")
    is_one = first in ("number", "whole number", "object")
    return f"{first}s{comma}{rest}" if is_one else words
