"""What a benchmark finds: measures, rows of the table, charts; as JSON and back."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

_NOISE = 0.25


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One quantity, measured several times."""

    subject: str
    unit: str
    values: Sequence[float]

    @property
    def median(self) -> float:
        """The middle of the values."""
        return statistics.median(self.values)


def measures_of(unit: str, found: Mapping[str, Sequence[float]]) -> list[Measure]:
    """Return what was found of each subject, in their order."""
    return [Measure(subject=name, unit=unit, values=values) for name, values in found.items()]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What a row of the table is held against."""

    bound: Literal["at least", "at most"]
    value: float

    def is_met(self, value: float) -> bool:
        """Tell whether the value is on the right side."""
        return value >= self.value if self.bound == "at least" else value <= self.value


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table: ours, beside a peer's where there is one, and what is compared.

    ``values`` are the ratios of the repetitions, in which both were measured one after the other;
    or ours themselves, in ``unit``, where the goal is no ratio. Without a goal it only tells.
    """

    title: str
    ours: Measure
    peer: Measure | None
    unit: str
    values: Sequence[float]
    goal: Goal | None = None

    @property
    def median(self) -> float:
        """The middle of the values."""
        return statistics.median(self.values)

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met, None without one."""
        return None if self.goal is None else self.goal.is_met(self.median)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a chart: what it shows, and its points."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """How a quantity grows with another, both on logarithmic scales.

    ``linear`` is what a quantity does that grows no worse than linearly: "flat" (so many a second,
    bytes for each) or "proportional" (seconds for all).
    """

    name: str
    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    linear: Literal["flat", "proportional"]
    better: Literal["more", "less"]

    def worse_than_linear(self) -> list[str]:
        """Say where a quantity grew worse than linearly, beyond what is noise."""
        found = []
        for line in self.lines:
            for (x, y), (next_x, next_y) in pairwise(line.points):
                worse, before = (next_y, y) if self.better == "less" else (y, next_y)
                allowed = next_x / x if self.linear == "proportional" else 1.0
                if worse > before * allowed * (1 + _NOISE):
                    found.append(f"{line.name}: from {x:,.6g} to {next_x:,.6g}")
        return found


@dataclass(frozen=True, kw_only=True)
class Figure:
    """All that one benchmark has found.

    ``checked`` says which answers were held against what they must be, ``not_covered`` what the
    figure does not tell.
    """

    name: str
    title: str
    rows: Sequence[Row]
    checked: str
    not_covered: Sequence[str]
    settings: dict[str, str] = field(default_factory=dict)
    charts: Sequence[Chart] = field(default_factory=list)
    circumstances: dict[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def read(cls, path: Path) -> Figure:
        """Read what `write` wrote."""
        found = json.loads(path.read_text())
        rows = [
            Row(
                **{
                    **row,
                    "ours": Measure(**row["ours"]),
                    "peer": Measure(**row["peer"]) if row["peer"] else None,
                    "goal": Goal(**row["goal"]) if row["goal"] else None,
                }
            )
            for row in found["rows"]
        ]
        charts = [
            Chart(**{**chart, "lines": [_line(line) for line in chart["lines"]]})
            for chart in found["charts"]
        ]
        return cls(**{**found, "rows": rows, "charts": charts})


def ratio(title: str, ours: Measure, peer: Measure, goal: Goal | None = None) -> Row:
    """Compare two measures whose repetitions alternated: ours by the peer's."""
    values = [mine / theirs for mine, theirs in zip(ours.values, peer.values, strict=True)]
    return Row(title=title, ours=ours, peer=peer, unit="x", values=values, goal=goal)


def growth(
    name: str,
    title: str,
    x_label: str,
    y_label: str,
    found: Mapping[int, Sequence[float]],
    better: Literal["more", "less"],
    *,
    linear: Literal["flat", "proportional"] = "flat",
) -> Chart:
    """Return the chart of one quantity: the medians of what was found for each size."""
    points = [(float(size), statistics.median(values)) for size, values in found.items()]
    return Chart(
        name=name,
        title=title,
        x_label=x_label,
        y_label=y_label,
        lines=[Line(name="Batchwell", points=points)],
        linear=linear,
        better=better,
    )


def at_least(value: float) -> Goal:
    """Return the goal to reach a value."""
    return Goal(bound="at least", value=value)


def at_most(value: float) -> Goal:
    """Return the goal not to pass a value."""
    return Goal(bound="at most", value=value)


def _line(found: dict[str, Any]) -> Line:
    return Line(name=found["name"], points=[(x, y) for x, y in found["points"]])
