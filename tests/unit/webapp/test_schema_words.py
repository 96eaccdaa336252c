"""Schemas told in words."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter

from webapp.openapi.schema_words import SchemaWords


class Leg(BaseModel):
    """One leg."""

    strike: float = Field(description="Price agreed.")


class Book(BaseModel):
    legs: list[Leg]
    other: Leg | None = None


class Car(BaseModel):
    kind: Literal["car"]
    doors: int


class Boat(BaseModel):
    kind: Literal["boat"]


def words_of(kind: Any) -> tuple[SchemaWords, Any]:
    schema = TypeAdapter(kind).json_schema()
    return SchemaWords(schema.pop("$defs", {})), schema


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (int, "whole number"),
        (Annotated[float, Field(ge=0, lt=2)], "number, at least 0, below 2"),
        (str, "text"),
        (Annotated[str, Field(min_length=1)], "text, at least 1 long"),
        (bool, "true or false"),
        (date | None, "text, date or null"),
        (Literal["a", 1], '"a" or 1'),
        (list[int], "list of whole numbers"),
        (list[list[float]], "list of list of numbers"),
        (list[str], "list of text"),
        (list[Leg], "list of objects"),
        (dict[str, int], "object"),
        (Any, "anything"),
    ],
)
def test_a_type_is_told(kind: Any, told: str) -> None:
    words, schema = words_of(kind)
    assert words.type(schema) == told


def test_members_are_told_with_their_own() -> None:
    words, schema = words_of(Book)
    told = {member.name: (member.type, member.is_required) for member in words.members(schema)}
    assert told == {
        "legs": ("list of objects", True),
        "legs[].strike": ("number", True),
        "other": ("object or null", False),
        "other.strike": ("number", True),
    }
    [strike] = [member for member in words.members(schema) if member.name == "legs[].strike"]
    assert strike.told == "Price agreed."


def test_members_of_several_kinds_are_told_together() -> None:
    words, schema = words_of(list[Annotated[Car | Boat, Field(discriminator="kind")]])
    [kind, doors] = words.members(schema["items"])
    assert (kind.type, kind.is_required) == ('"car" or "boat"', True)
    assert (doors.name, doors.is_required) == ("doors", False)
