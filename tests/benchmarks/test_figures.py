"""Each figure at a tiny size: it runs, and all that it measures is right. Nothing about time."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import measure
from benchmarks.catalogue import FIGURES
from benchmarks.records import Figure


@pytest.mark.parametrize("name", FIGURES)
def test_figure_measures_what_it_says_and_checks_it(name: str, tmp_path: Path) -> None:
    figure = measure(name, tmp_path, tiny=True)
    assert figure.name == name
    assert figure.rows
    assert all(value > 0 for row in figure.rows for value in row.values)
    assert figure.checked
    assert figure.not_covered
    figure.write(tmp_path / "figure.json")
    assert Figure.read(tmp_path / "figure.json") == figure
