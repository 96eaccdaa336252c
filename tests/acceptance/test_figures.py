"""The figures that need Airflow, at a tiny size, on the one running system."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.__main__ import measure
from benchmarks.catalogue import NEEDING_AIRFLOW
from tests.acceptance.running_system import RunningSystem
from tests.benchmarks.figure_checks import check_figure

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(400)]


@pytest.mark.parametrize("name", NEEDING_AIRFLOW)
def test_figure_measures_what_it_says_and_checks_it(
    name: str, system: RunningSystem, tmp_path: Path
) -> None:
    check_figure(measure(name, tmp_path, tiny=True, system=system), name, tmp_path)
