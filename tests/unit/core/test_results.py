"""Results: kept as JSON, or refused with the name of the computation and the place in the value."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from batchwell import Computation, computation
from batchwell.errors import InvalidResult
from batchwell.evaluate import MAX_RESULT_BYTES, encode


class Price(BaseModel):
    amount: float
    note: Any = None


def returning(annotation: object) -> Computation[Any, Any]:
    def answer() -> object:
        return None

    answer.__annotations__["return"] = annotation
    return computation()(answer)


@pytest.mark.parametrize(
    ("annotation", "value", "text"),
    [
        (int, 3, "3"),
        (int, 10**400, f"1{'0' * 400}"),
        (float, 1, "1.0"),
        (str, "naïve 日本語", '"naïve 日本語"'),
        (None, None, "null"),
        (Any, {"a": [1, None, True]}, '{"a":[1,null,true]}'),
        (Any, (1, 2), "[1,2]"),
        (dict[int, str], {1: "a"}, '{"1":"a"}'),
        (date, date(2024, 2, 29), '"2024-02-29"'),
        (Decimal, Decimal("1.10"), '"1.10"'),
        (Price, Price(amount=2), '{"amount":2.0,"note":null}'),
        (list[Price], [{"amount": 2}], '[{"amount":2.0,"note":null}]'),
    ],
)
def test_result_is_kept_as_compact_json(annotation: object, value: object, text: str) -> None:
    assert encode(returning(annotation), value) == text


@pytest.mark.parametrize(
    ("annotation", "value", "place"),
    [
        (int, "many", "value"),
        (int, 3.5, "value"),
        (int, None, "value"),
        (list[int], [1, "x"], "1"),
        (dict[str, list[int]], {"a": [1, None]}, "a.1"),
        (Price, {"amount": "x"}, "amount"),
        (float, float("nan"), "value"),
        (list[float], [1.0, float("inf")], "1"),
        (Price, Price(amount=float("-inf")), "amount"),
        (Price, Price(amount=1, note=[float("nan")]), "note.0"),
        (Any, float("nan"), "value"),
        (Any, {"a": [1, float("nan")]}, "a.1"),
        (Any, {1, 2}, "value"),
        (Any, {"a": [frozenset({1})]}, "a.0"),
        (Any, b"bytes", "value"),
        (Any, {"a": bytearray(b"bytes")}, "a"),
    ],
)
def test_result_without_a_json_form_is_refused_with_its_place(
    annotation: object, value: object, place: str
) -> None:
    with pytest.raises(InvalidResult, match=rf"^answer: .*\b{place}(:| is )"):
        encode(returning(annotation), value)


class Opaque:
    pass


def circle() -> list[object]:
    loop: list[object] = []
    loop.append(loop)
    return loop


def abyss() -> list[object]:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [Opaque(), circle(), "\ud800", {"\ud800": 1}, [10**5000]],
    ids=["object", "circle", "surrogate", "surrogate key", "endless integer"],
)
def test_result_that_is_no_json_at_all_is_refused(value: object) -> None:
    with pytest.raises(InvalidResult, match=r"^answer: the result is not JSON"):
        encode(returning(Any), value)


def test_result_nested_too_deep_is_refused() -> None:
    with pytest.raises(InvalidResult, match=r"^answer: the result is not JSON"):
        encode(returning(Any), abyss())


def test_size_is_bounded_in_bytes() -> None:
    assert encode(returning(str), "x" * (MAX_RESULT_BYTES - 2))
    with pytest.raises(InvalidResult, match=f"^answer: .*{MAX_RESULT_BYTES + 1} bytes"):
        encode(returning(str), "x" * (MAX_RESULT_BYTES - 1))
    with pytest.raises(InvalidResult, match="too large"):
        encode(returning(str), "語" * (MAX_RESULT_BYTES // 2))


def test_encoded_result_decodes_to_what_was_returned() -> None:
    value = {"prices": [0.1, 1e300, -0.0], "text": 'quote " and \\ and \x00', "big": 2**70}
    assert json.loads(encode(returning(Any), value)) == value
