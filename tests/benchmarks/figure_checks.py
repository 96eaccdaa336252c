"""What every figure must have."""

from __future__ import annotations

from pathlib import Path

from benchmarks.records import Figure


def check_figure(figure: Figure, name: str, folder: Path) -> None:
    """Check a figure, and that it can be written and read."""
    assert figure.name == name
    assert figure.rows
    assert all(value >= 0 for row in figure.rows for value in row.values)
    assert figure.checked
    assert figure.not_covered
    figure.write(folder / "figure.json")
    assert Figure.read(folder / "figure.json") == figure
