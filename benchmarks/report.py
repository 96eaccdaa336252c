"""docs/performance.md and its charts, from the figures that were measured last."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks import svg
from benchmarks.catalogue import FIGURES
from benchmarks.peer_environments import CHECKOUT
from benchmarks.records import Figure, Measure
from benchmarks.telling import table

PUBLISHED = Path(__file__).parent / "results" / "published"
PAGE = CHECKOUT / "docs" / "performance.md"
CHARTS = CHECKOUT / "docs" / "performance"

_OPENING = """# Performance

Batchwell and its peers, measured side by side: the same machine, the same run, the same store
server with the settings of `scripts/up`, one after the other in turn. `scripts/bench` measures all
of it anew, `scripts/bench FIGURE` one figure; `scripts/bench --report` writes this page.

What is found is the median of the repetitions, and in brackets their least and largest; a ratio is
ours by the peer's, of the same repetition. How each peer is run and tuned is told in its module in
[benchmarks/peers](../benchmarks/peers), how each figure is taken in its module in
[benchmarks](../benchmarks).
"""


def publish(results: Path) -> None:
    """Keep the figures of the last run, and write the page from them.

    What has not been measured since it was kept stays.
    """
    PUBLISHED.mkdir(parents=True, exist_ok=True)
    for path in results.glob("*.json"):
        shutil.copyfile(path, PUBLISHED / path.name)
    page, charts = render(read(PUBLISHED))
    PAGE.write_text(page)
    shutil.rmtree(CHARTS, ignore_errors=True)
    CHARTS.mkdir()
    for name, drawing in charts.items():
        (CHARTS / name).write_text(drawing)


def read(folder: Path) -> list[Figure]:
    """Read the figures that lie in the folder, in the order of the catalogue."""
    paths = (folder / f"{name}.json" for name in FIGURES)
    return [Figure.read(path) for path in paths if path.exists()]


def render(figures: Sequence[Figure]) -> tuple[str, dict[str, str]]:
    """Return the page, and its charts by the names of their files."""
    charts: dict[str, str] = {}
    parts = [_OPENING, table(figures), "", *_machine(figures), "## Beside the goals", ""]
    parts += [table(figures, goals=False), ""]
    for figure in figures:
        parts += [f"## {figure.title}", ""]
        for name, title, drawing in _drawn(figure):
            charts[name] = drawing
            parts += [f"![{title}](performance/{name})", ""]
        settings = (f"{name}: {value}" for name, value in figure.settings.items())
        parts += [f"Settings: {'; '.join(settings)}.", "", f"Checked: {figure.checked}.", ""]
        parts += [f"Not covered: {'; '.join(figure.not_covered)}.", ""]
    return "\n".join([*parts, *_growth(figures)]), charts


def _drawn(figure: Figure) -> list[tuple[str, str, str]]:
    """Return the name, the title and the drawing of each chart of a figure."""
    if figure.charts:
        return [(f"{chart.name}.svg", chart.title, svg.lines(chart)) for chart in figure.charts]
    by_unit: dict[str, dict[str, Measure]] = {}
    for row in figure.rows:
        for measure in (row.ours, row.peer):
            if measure is not None:
                by_unit.setdefault(measure.unit, {})[measure.subject] = measure
    return [
        (
            f"{figure.name}-{number}.svg",
            f"{figure.title}, {unit}",
            svg.bars(figure.title, list(measures.values())),
        )
        for number, (unit, measures) in enumerate(by_unit.items(), 1)
    ]


def _growth(figures: Sequence[Figure]) -> list[str]:
    charts = [chart for figure in figures for chart in figure.charts]
    worse = [f"- {chart.title}: {step}" for chart in charts for step in chart.worse_than_linear()]
    told = ["Grew worse than linearly, by more than a quarter of a step:", "", *worse, ""]
    nothing = ["Nothing that was measured grows worse than linearly.", ""]
    return ["## Growth", "", *(told if worse else nothing)] if charts else []


def _machine(figures: Sequence[Figure]) -> list[str]:
    """Describe the machine and the versions; figures of different runs may differ in them."""
    if not figures:
        return []
    lines = []
    for figure in figures:
        about = figure.circumstances
        versions = ", ".join(f"{name} {version}" for name, version in about["ours"].items())
        peers = ", ".join(f"{name} {version}" for name, version in about["peers"].items())
        line = (
            f"{about['cores']} cores of {about['cpu']}, {about['memory_gb']} GB; "
            f"Linux {about['kernel']}; Python {about['python']}; {about['store']}. "
            f"Batchwell on {versions}; the peers on {peers}."
        )
        if line not in lines:
            lines.append(line)
    taken = sorted(figure.circumstances["taken_at"] for figure in figures)
    load = max(figure.circumstances["load_average_before"] for figure in figures)
    when = f"Taken {taken[0]} to {taken[-1]}; load average before a figure at most {load}."
    return ["## The machine", "", *lines, "", when, ""]
