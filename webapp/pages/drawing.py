"""Draws a `Plot` of a value as SVG; the value as data stands beside it, for who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from flask import render_template
from markupsafe import Markup

from batchwell.plots import Plot

Numbers: TypeAlias = list[float]

WIDTH, HEIGHT = 640, 200
"""The area of a line or of bars, in the units of its drawing."""

MOST_POINTS = 2000
MOST_CELLS = 2500


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One number of a heatmap: how strongly it is coloured, from 0 to 1, and what it says."""

    strength: float
    text: str


def draw(plot: Plot, value: object) -> Markup | None:
    """Return the picture; None where the value has nothing that such a plot can show."""
    numbers = _part(value, plot.of)
    labels = _labels(_part(value, plot.labels) if plot.labels else None)
    if plot.kind == "heatmap":
        rows = _rows(numbers)
        return None if rows is None else _render(plot, rows=_cells(rows), labels=labels)
    if not _is_numbers(numbers) or not 0 < len(numbers) <= MOST_POINTS:
        return None
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    span = (high - low) or 1.0
    heights = [HEIGHT * (high - number) / span for number in numbers]
    return _render(
        plot,
        heights=[round(height, 1) for height in heights],
        zero=round(HEIGHT * high / span, 1),
        step=WIDTH / len(numbers),
        low=low,
        high=high,
        labels=labels,
        width=WIDTH,
        height=HEIGHT,
    )


def _render(plot: Plot, **values: object) -> Markup:
    return Markup(render_template("piece_plot.html", plot=plot, **values))


def _part(value: object, name: str) -> Any:
    if not name:
        return value
    return value.get(name) if isinstance(value, dict) else None


def _labels(found: Any) -> list[str]:
    return [str(each) for each in found] if isinstance(found, list) else []


def _is_numbers(found: Any) -> bool:
    return isinstance(found, list) and all(
        isinstance(each, int | float) and not isinstance(each, bool) for each in found
    )


def _rows(found: Any) -> list[Numbers] | None:
    if not isinstance(found, list) or not found or not all(map(_is_numbers, found)):
        return None
    is_even = len({len(row) for row in found}) == 1 and len(found[0]) > 0
    return found if is_even and len(found) * len(found[0]) <= MOST_CELLS else None


def _cells(rows: list[Numbers]) -> list[list[Cell]]:
    most = max(abs(number) for row in rows for number in row) or 1
    return [
        [Cell(strength=round(abs(number) / most, 3), text=f"{number:.4g}") for number in row]
        for row in rows
    ]
