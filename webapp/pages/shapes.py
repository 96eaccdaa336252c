"""Decide how a value is best shown."""

from __future__ import annotations

from typing import Literal, TypeAlias

Shape: TypeAlias = Literal["scalar", "text", "pairs", "list", "matrix", "records", "json"]

_MOST_ROWS = 50
_MOST_COLUMNS = 16
_LONG_TEXT = 80


def shape(value: object) -> Shape:
    """Return how to show a value.

    Scalars and text as they are, small objects as pairs, lists as lists or, if their items are
    alike, as tables; whatever is larger or stranger as folded JSON.
    """
    match value:
        case str():
            return "text" if len(value) > _LONG_TEXT or "\n" in value else "scalar"
        case None | bool() | int() | float():
            return "scalar"
        case dict() if 0 < len(value) <= _MOST_ROWS:
            return "pairs"
        case list() if 0 < len(value) <= _MOST_ROWS:
            return _list_shape(value)
        case _:
            return "json"


def _list_shape(items: list[object]) -> Shape:
    if all(shape(item) == "scalar" for item in items):
        return "list"
    rows = [row for row in items if isinstance(row, list | dict)]
    first = rows[0] if rows else []
    alike = len(rows) == len(items) and all(len(row) == len(first) for row in rows)
    if not (alike and 0 < len(first) <= _MOST_COLUMNS):
        return "json"
    if isinstance(first, list):
        flat = [cell for row in rows for cell in row]
        fits = all(isinstance(row, list) for row in rows)
        return "matrix" if fits and all(shape(cell) == "scalar" for cell in flat) else "json"
    fits = all(isinstance(row, dict) and row.keys() == first.keys() for row in rows)
    return "records" if fits else "json"
