"""Each figure at a tiny size: it runs, and all that it measures is right. Nothing about time."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import measure
from benchmarks.catalogue import FIGURES, NEEDING_AIRFLOW
from tests.benchmarks.figure_checks import check_figure


@pytest.mark.parametrize("name", [name for name in FIGURES if name not in NEEDING_AIRFLOW])
def test_figure_measures_what_it_says_and_checks_it(name: str, tmp_path: Path) -> None:
    check_figure(measure(name, tmp_path, tiny=True), name, tmp_path)
