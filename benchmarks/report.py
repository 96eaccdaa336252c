"""The table, and docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.records import Figure, Measure, Row


def publish(results: Path) -> None:
    """Write docs/performance.md."""


def table(figures: Sequence[Figure]) -> str:
    """Return the figures' rows as a Markdown table."""
    lines = ["| figure | ours | peer | found | goal | |", "|---|---|---|---|---|---|"]
    lines += [_line(row) for figure in figures for row in figure.rows]
    return "\n".join(lines)


def _line(row: Row) -> str:
    goal = ""
    if row.goal is not None:
        goal = f"{_SIGN[row.goal.bound]} {_number(row.goal.value)} {row.unit}"
    verdict = {True: "met", False: "**missed**", None: ""}[row.is_met]
    found = f"{_number(row.median)} {row.unit} ({_range(row.values)})"
    peer = _told(row.peer) if row.peer else ""
    return f"| {row.title} | {_told(row.ours)} | {peer} | {found} | {goal} | {verdict} |"


_SIGN = {"at least": "≥", "at most": "≤"}


def _told(measure: Measure) -> str:
    return f"{measure.subject}: {_number(measure.median)} {measure.unit} ({_range(measure.values)})"


def _range(values: Sequence[float]) -> str:
    return f"{_number(min(values))} to {_number(max(values))}"


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
