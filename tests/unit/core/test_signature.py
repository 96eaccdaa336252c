"""A function is refused at import unless its type hints describe parameters and result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from batchwell import Failure, computation
from batchwell.errors import DefinitionError


class Item(BaseModel):
    """One item."""

    n: int


class Opaque:
    """A class that pydantic knows nothing of."""


def untyped(n) -> int:  # type: ignore[no-untyped-def]  # the subject of the test
    return 1


def variadic(*numbers: int) -> int:
    return 1


def open_ended(**numbers: int) -> int:
    return 1


def positional(n: int, /) -> int:
    return 1


def private(_n: int) -> int:
    return 1


def opaque(thing: Opaque) -> int:
    return 1


def callback(function: Callable[[], int]) -> int:
    return 1


def dangling(n: Missing) -> int:  # type: ignore[name-defined]  # noqa: F821  # the subject
    return 1


def opaque_result(n: int) -> Opaque:
    return Opaque()


def callback_result(n: int) -> Callable[[], int]:
    return lambda: n


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (untyped, "parameter n needs a type hint"),
        (variadic, "parameter numbers must be an ordinary named parameter"),
        (open_ended, "parameter numbers must be an ordinary named parameter"),
        (positional, "parameter n must be an ordinary named parameter"),
        (private, "parameter _n must be an ordinary named parameter"),
        (opaque, "the parameters have no JSON form"),
        (callback, "the parameters have no JSON form"),
        (dangling, "'Missing' is not defined"),
        (opaque_result, "Opaque.* has no JSON form"),
        (callback_result, "has no JSON form"),
    ],
)
def test_function_without_a_json_signature_is_refused(
    function: Callable[..., Any], told: str
) -> None:
    with pytest.raises(DefinitionError, match=rf"^{function.__name__}: .*{told}"):
        computation()(function)


def no_items() -> list[int]:
    return []


def two_parameters(items: list[Item], more: int) -> list[int]:
    return []


def bare_list(items: list) -> list[int]:  # type: ignore[type-arg]  # the subject of the test
    return []


def plain_items(items: list[int]) -> list[int]:
    return []


def mapped_items(items: dict[str, Item]) -> list[int]:
    return []


def any_sequence(items: Sequence[Item]) -> list[int]:
    return []


def starred_items(*items: list[Item]) -> list[int]:
    return []


@pytest.mark.parametrize(
    "function",
    [
        no_items,
        two_parameters,
        bare_list,
        plain_items,
        mapped_items,
        any_sequence,
        starred_items,
    ],
)
def test_batch_form_takes_one_list_of_models(function: Callable[..., Any]) -> None:
    with pytest.raises(DefinitionError, match=r"takes one parameter: items: list\[Model\]"):
        computation(batch=True)(function)


def scalar_result(items: list[Item]) -> int:
    return 1


def no_result_hint(items: list[Item]):  # type: ignore[no-untyped-def]  # the subject
    return []


@pytest.mark.parametrize("function", [scalar_result, no_result_hint])
def test_batch_form_returns_a_list(function: Callable[..., Any]) -> None:
    with pytest.raises(DefinitionError, match=r"returns list\[Result \| Failure\]"):
        computation(batch=True)(function)


@pytest.mark.parametrize("name", ["Upper", "_private", "n" * 64, "größe", "a-b", "<lambda>", ""])
def test_name_that_does_not_fit_a_url_is_refused(name: str) -> None:
    def function() -> int:
        return 1

    function.__name__ = name
    with pytest.raises(DefinitionError, match="a computation's name is lower_case"):
        computation()(function)


def test_calling_a_computation_calls_the_function() -> None:
    @computation()
    def double(n: Annotated[int, Field(ge=0)]) -> int:
        """Double a number.

        At length.
        """
        return 2 * n

    assert double(-4) == -8
    assert double.title == "Double a number"
    assert repr(double) == "<Computation double>"


def test_parameter_may_bear_the_name_of_a_pydantic_attribute() -> None:
    @computation()
    def tricky(json: str, model_name: str, copy: int = 1) -> int:
        return copy

    assert tricky.parse({"json": "a", "model_name": "b"}).json == (
        '{"copy":1,"json":"a","model_name":"b"}'
    )


def scored(items: list[Item]) -> list[float | Failure]:
    """Score items."""
    return [float(item.n) for item in items]


def test_batch_form_describes_one_item_and_one_result() -> None:
    score = computation(batch=True)(scored)
    assert score.parameters_schema["properties"] == {"n": {"title": "N", "type": "integer"}}
    assert score.parameters_schema["additionalProperties"] is False
    assert score.parameters_schema["description"] == "One item."
    assert score.result_schema == {"type": "number"}


def test_single_form_describes_constraints_and_defaults() -> None:
    @computation()
    def power(base: Annotated[int, Field(ge=0, le=9, description="The base")], n: int = 2) -> int:
        return int(base**n)

    schema = power.parameters_schema
    assert schema["properties"]["base"] == {
        "title": "Base",
        "description": "The base",
        "type": "integer",
        "minimum": 0,
        "maximum": 9,
    }
    assert schema["properties"]["n"]["default"] == 2
    assert schema["required"] == ["base"]


@computation()
def rates(currency: str = "EUR") -> dict[str, float]:
    return {}


def test_a_stand_in_must_fit_the_parameters() -> None:
    with pytest.raises(DefinitionError, match=r"convert: stand_in: .*n: Field required"):

        @computation(stand_in={})
        def convert(n: int) -> int:
            return n


def test_what_is_given_must_have_one_value() -> None:
    @computation()
    def priced(item: str) -> float:
        return 1.0

    with pytest.raises(DefinitionError, match="invoice: priced has no one value"):

        @computation(depends_on=[priced])
        def invoice(n: int, priced: float) -> float:
            return n * priced

    @computation(depends_on=[priced])
    def other(n: int) -> float:
        return n

    assert other.upstream == {}


def test_what_stands_is_the_stand_in_and_the_value_without_parameters() -> None:
    @computation()
    def alone() -> int:
        return 1

    @computation(stand_in={"n": 0}, depends_on=[rates])
    def convert(n: int, rates: dict[str, float] | None) -> int:
        return n

    assert [each.json for each in alone.standing] == ["{}"]
    assert [each.json for each in convert.standing] == ['{"n":0}']
    assert convert.upstream == {"rates": rates}
    assert rates.standing == []
