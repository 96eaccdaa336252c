"""Numbers and measures in the words of the table."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.records import Figure, Measure, Row

_SIGN = {"at least": "≥", "at most": "≤"}
_HEAD = "| figure | ours | against | found | goal | |\n|---|---|---|---|---|---|"


def number(value: float) -> str:
    """Return a number with three significant digits, or all of a larger one."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):g}"


def table(figures: Sequence[Figure], *, goals: bool = True) -> str:
    """Return the rows as a Markdown table; ``goals=False``: those that have none."""
    rows = [row for figure in figures for row in figure.rows]
    lines = [_line(row) for row in rows if (row.goal is not None) is goals]
    return "\n".join([_HEAD, *lines]) if lines else ""


def _line(row: Row) -> str:
    goal, verdict = "", ""
    if row.goal is not None:
        goal = f"{_SIGN[row.goal.bound]} {number(row.goal.value)} {row.unit}"
        verdict = "met" if row.is_met else "**missed**"
    found = f"{number(row.median)} {row.unit} ({_range(row.values)})"
    peer = _told(row.peer) if row.peer else ""
    return f"| {row.title} | {_told(row.ours)} | {peer} | {found} | {goal} | {verdict} |"


def _told(measure: Measure) -> str:
    return f"{measure.subject}: {number(measure.median)} {measure.unit}"


def _range(values: Sequence[float]) -> str:
    return f"{number(min(values))} to {number(max(values))}"
