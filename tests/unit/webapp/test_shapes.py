"""How values are shown."""

from __future__ import annotations

import pytest

from webapp.pages.shapes import shape


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "scalar"),
        (None, "scalar"),
        (True, "scalar"),
        ("short", "scalar"),
        ("x" * 81, "text"),
        ("two\nlines", "text"),
        ({"a": 1, "b": [1]}, "pairs"),
        ([1, 2.5, "x"], "list"),
        ([[1, 2], [3, 4]], "matrix"),
        ([{"a": 1}, {"a": 2}], "records"),
        ([[1], [2, 3]], "json"),
        ([[1], {"a": 1}], "json"),
        ([{"a": 1}, {"b": 2}], "json"),
        ([[[1]], [[2]]], "json"),
        ([[0] * 17] * 2, "json"),
        ([1] * 51, "json"),
        ([1, [2]], "json"),
        ([[], []], "json"),
        ({}, "json"),
        ([], "json"),
    ],
)
def test_shape_of(value: object, expected: str) -> None:
    assert shape(value) == expected
