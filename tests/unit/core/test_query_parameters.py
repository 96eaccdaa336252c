"""Parameters given as text, as a URL's query or a form gives them."""

from __future__ import annotations

from datetime import date
from enum import Enum, IntEnum
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from batchwell import computation
from batchwell.errors import InvalidParameters


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Leg(BaseModel):
    strike: float


@computation()
def everything(
    n: Annotated[int, Field(ge=0, le=100)] = 0,
    flag: bool = False,
    rate: float = 0.5,
    day: date | None = None,
    colour: Colour = Colour.RED,
    level: Level = Level.LOW,
    numbers: list[int] | None = None,
    leg: Leg | None = None,
    legs: list[Leg] = [],  # noqa: B006  # pydantic copies it
    weights: dict[str, float] = {},  # noqa: B006
    note: str | None = None,
    anything: Any = None,
    big: int = 0,
) -> int:
    return n


@pytest.mark.parametrize(
    ("query", "params"),
    [
        ({}, {}),
        ({"n": "40"}, {"n": 40}),
        ({"flag": "true"}, {"flag": True}),
        ({"flag": "0"}, {"flag": False}),
        ({"rate": "1e-3"}, {"rate": 0.001}),
        ({"rate": "2"}, {"rate": 2}),
        ({"day": "2024-02-29"}, {"day": "2024-02-29"}),
        ({"colour": "red"}, {"colour": "red"}),
        ({"level": "1"}, {"level": 1}),
        ({"numbers": "[1,2]"}, {"numbers": [1, 2]}),
        ({"numbers": "null"}, {"numbers": None}),
        ({"leg": '{"strike": 2}'}, {"leg": {"strike": 2}}),
        ({"legs": '[{"strike": 2}]'}, {"legs": [{"strike": 2}]}),
        ({"weights": '{"a": 1}'}, {"weights": {"a": 1}}),
        ({"note": "[draft"}, {"note": "[draft"}),
        ({"note": "naïve 日本語"}, {"note": "naïve 日本語"}),
        ({"anything": "[1]"}, {"anything": "[1]"}),
        ({"big": "9" * 1000}, {"big": int("9" * 1000)}),
    ],
)
def test_text_means_the_same_as_json(query: dict[str, str], params: dict[str, object]) -> None:
    assert everything.parse_query(query) == everything.parse(params)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"n": "many"}, "n"),
        ({"n": "4.5"}, "n"),
        ({"n": ""}, "n"),
        ({"n": "101"}, "n"),
        ({"big": "9" * 5000}, "big"),
        ({"flag": "maybe"}, "flag"),
        ({"rate": "nan"}, "rate"),
        ({"rate": "Infinity"}, "rate"),
        ({"day": "2023-02-29"}, "day"),
        ({"colour": "green"}, "colour"),
        ({"numbers": "[1,"}, "numbers"),
        ({"numbers": "1,2"}, "numbers"),
        ({"legs": "[{}]"}, "legs.0.strike"),
        ({"weights": '{"a": NaN}'}, "weights"),
        ({"weights": "[" * 300 + "]" * 300}, "weights"),
        ({"weights": '{"a":' * 20 + "1" + "}" * 20}, "weights"),
        ({"note": "x" * 70_000}, "note"),
        ({"m": "1"}, "m"),
    ],
)
def test_offending_field_is_named(query: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidParameters) as caught:
        everything.parse_query(query)
    assert [error.field for error in caught.value.errors] == [field]
