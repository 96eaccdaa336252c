"""Examples of parameters, made from their schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import Field, TypeAdapter

from batchwell.example_values import example_value


@pytest.mark.parametrize(
    ("kind", "example"),
    [
        (int, 1),
        (Annotated[int, Ge(3)], 3),
        (Annotated[int, Gt(3)], 4),
        (Annotated[int, Le(-2)], -2),
        (Annotated[int, Lt(0)], -1),
        (Annotated[float, Gt(0), Lt(1)], 0.5),
        (Annotated[float, Gt(0), Le(1)], 1),
        (str, "text"),
        (Annotated[str, MinLen(6)], "texttt"),
        (Annotated[str, Field(max_length=2)], "te"),
        (Annotated[str, Field(examples=["x"])], "x"),
        (Literal["fast", "good"], "fast"),
        (bool, False),
        (list[int], []),
        (Annotated[list[int], MinLen(2)], [1, 1]),
    ],
)
def test_example_is_plain_and_fits(kind: Any, example: object) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    schema = adapter.json_schema()
    assert example_value(schema, schema) == example
    adapter.validate_python(example)
