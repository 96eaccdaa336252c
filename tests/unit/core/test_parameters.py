"""Parameters given as JSON: validated strictly, made canonical, told apart by their digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from batchwell import computation
from batchwell.errors import InvalidParameters
from batchwell.parameters import MAX_BYTES, MAX_DEPTH


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1


class Leg(BaseModel):
    strike: float
    days: int = 30


class Quote(BaseModel):
    spot_price: float = Field(alias="spotPrice")


@computation()
def everything(
    n: Annotated[int, Field(ge=0, le=100)],
    flag: bool = False,
    rate: float = 0.5,
    day: date | None = None,
    colour: Colour = Colour.RED,
    level: Level = Level.LOW,
    mode: Literal["fast", "slow"] = "fast",
    pause: timedelta = timedelta(0),
    legs: list[Leg] | None = None,
    weights: dict[str, float] | None = None,
    anything: Any = None,
    text: str = "",
) -> int:
    return n


@computation()
def exact(n: int) -> int:
    return n


def quoted(items: list[Quote]) -> list[float]:
    return [item.spot_price for item in items]


def refused_fields(parse: Callable[[], object]) -> list[str]:
    with pytest.raises(InvalidParameters) as caught:
        parse()
    return [error.field for error in caught.value.errors]


@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({}, ["n"]),
        ({"n": "1"}, ["n"]),
        ({"n": 1.5}, ["n"]),
        ({"n": True}, ["n"]),
        ({"n": None}, ["n"]),
        ({"n": -1}, ["n"]),
        ({"n": 101}, ["n"]),
        ({"n": 1, "flag": 1}, ["flag"]),
        ({"n": 1, "extra": 2}, ["extra"]),
        ({"n": 1, "": 2}, ["params"]),
        ({"n": 1, "rate": "0.5"}, ["rate"]),
        ({"n": 1, "day": "yesterday"}, ["day"]),
        ({"n": 1, "colour": "green"}, ["colour"]),
        ({"n": 1, "mode": "medium"}, ["mode"]),
        ({"n": 1, "legs": [{"strike": 1}, {"strike": "x"}]}, ["legs.1.strike"]),
        ({"n": 1, "legs": [{}]}, ["legs.0.strike"]),
        ({"n": -1, "rate": "x", "extra": 1}, ["n", "rate", "extra"]),
    ],
)
def test_each_offending_field_is_named(params: dict[str, object], fields: list[str]) -> None:
    assert refused_fields(lambda: everything.parse(params)) == fields


@pytest.mark.parametrize("params", [[1], "n=1", 5, None, True])
def test_parameters_must_be_an_object(params: object) -> None:
    assert refused_fields(lambda: everything.parse(params)) == ["params"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize(
    "params",
    [
        '{"n": 1, "rate": #}',
        '{"n": 1, "weights": {"a": #}}',
        '{"n": 1, "legs": [{"strike": #}]}',
        '{"n": 1, "anything": #}',
        '{"n": 1, "anything": {"deep": [#]}}',
    ],
)
def test_number_that_json_lacks_is_refused_wherever_it_hides(params: str, number: str) -> None:
    decoded = json.loads(params.replace("#", number))
    assert refused_fields(lambda: everything.parse(decoded)) == [list(decoded)[1]]


def nested(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def test_nesting_is_bounded() -> None:
    everything.parse({"n": 1, "anything": nested(MAX_DEPTH)})
    params = {"n": 1, "anything": nested(MAX_DEPTH + 1)}
    assert refused_fields(lambda: everything.parse(params)) == ["anything"]
    abyss = json.loads("[" * 900 + "]" * 900)
    assert refused_fields(lambda: everything.parse({"n": 1, "anything": abyss})) == ["anything"]


def test_circular_value_is_refused() -> None:
    loop: list[object] = []
    loop.append(loop)
    assert refused_fields(lambda: everything.parse({"n": 1, "anything": loop})) == ["anything"]


def test_size_is_bounded_and_the_largest_field_named() -> None:
    everything.parse({"n": 1, "text": "x" * (MAX_BYTES - 100)})
    params = {"n": 1, "text": "x" * MAX_BYTES, "anything": "y" * 100}
    assert refused_fields(lambda: everything.parse(params)) == ["text"]


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object(), [10**5000]])
def test_python_value_without_a_json_form_is_refused(value: object) -> None:
    params = {"n": 1, "anything": value}
    assert refused_fields(lambda: everything.parse(params)) == ["anything"]


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}])
def test_half_a_surrogate_pair_is_refused(value: object) -> None:
    with pytest.raises(InvalidParameters):
        everything.parse({"n": 1, "anything": value})


def test_errors_of_a_thousand_fields_are_cut_short() -> None:
    params = {f"extra_{number}": 1 for number in range(1000)}
    assert len(refused_fields(lambda: everything.parse(params))) == 20


def test_message_never_repeats_the_input() -> None:
    with pytest.raises(InvalidParameters) as caught:
        everything.parse({"n": "secret"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("exponent", [53, 64, 5000])
@pytest.mark.parametrize("sign", [1, -1])
def test_big_integer_stays_exact(exponent: int, sign: int) -> None:
    number = sign * (2**exponent + 1)
    assert exact.parse({"n": number}).json == f'{{"n":{number}}}'
    assert exact.parse({"n": number}) != exact.parse({"n": number + 1})


def test_order_of_fields_does_not_matter() -> None:
    one = everything.parse({"n": 1, "rate": 2, "weights": {"a": 1, "b": 2}})
    other = everything.parse({"weights": {"b": 2.0, "a": 1.0}, "rate": 2.0, "n": 1})
    assert one == other


def test_json_has_one_kind_of_number() -> None:
    assert everything.parse({"n": 1.0, "legs": [{"strike": 2, "days": 3.0}]}) == everything.parse(
        {"n": 1, "legs": [{"strike": 2.0, "days": 3}]}
    )
    assert exact.parse({"n": -(2.0**53)}).json == f'{{"n":{-(2**53)}}}'
    assert refused_fields(lambda: exact.parse({"n": 2.0**54})) == ["n"]
    assert refused_fields(lambda: everything.parse({"n": 1.0, "flag": 1.0})) == ["flag"]


def test_default_means_the_same_as_the_value_spelled_out() -> None:
    spelled = {"n": 1, "flag": False, "rate": 0.5, "colour": "red", "day": None, "pause": "PT0S"}
    assert everything.parse(spelled) == everything.parse({"n": 1})
    assert everything.parse({"n": 1, "legs": [{"strike": 2}]}) == everything.parse(
        {"n": 1, "legs": [{"days": 30, "strike": 2}]}
    )


def test_different_parameters_have_different_digests() -> None:
    assert everything.parse({"n": 1}).digest != everything.parse({"n": 2}).digest
    assert exact.parse({"n": 1}).digest == exact.parse({"n": 1}).digest


def test_digest_is_stable_across_processes_and_releases() -> None:
    """A new digest would orphan every known result."""
    assert exact.parse({"n": 40}).digest == "gfmHLAPJ3R-q8Aoi1YLa"


def test_unicode_is_kept_as_it_is() -> None:
    text = "naïve 日本語 🙂 \u0000 \u2028"
    parsed = everything.parse({"n": 1, "text": text})
    assert json.loads(parsed.json)["text"] == text
    assert "日本語" in parsed.json


def test_alias_is_the_name_on_the_wire() -> None:
    quote = computation(batch=True)(quoted)
    parsed = quote.parse({"spotPrice": 2})
    assert parsed.json == '{"spotPrice":2.0}'
    assert refused_fields(lambda: quote.parse({"spot_price": 2})) == ["spotPrice", "spot_price"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=4)
    ),
    max_leaves=15,
)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {"n": st.integers(0, 100)},
        optional={
            "anything": json_values,
            "rate": st.floats(allow_nan=False, allow_infinity=False),
            "day": st.dates().map(str),
            "legs": st.lists(st.fixed_dictionaries({"strike": st.floats(0, 1e9)}), max_size=3),
        },
    )
)
def test_canonical_form_is_parsed_to_itself(params: dict[str, object]) -> None:
    """So a stale result can be asked for again from what the store keeps of it."""
    parsed = everything.parse(params)
    assert everything.parse(json.loads(parsed.json)) == parsed
