"""One running system for all acceptance tests, on a copy of the project's DAGs and some more."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.airflow_side import install
from tests.acceptance.running_system import CHECKOUT, RunningSystem

MORE_DAGS = Path(__file__).parent / "dags"


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSystem]:
    """The whole system, freshly started on an empty home."""
    dags = tmp_path_factory.mktemp("checkout") / "dags"
    shutil.copytree(CHECKOUT / "dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(MORE_DAGS, dags, dirs_exist_ok=True)
    home = tmp_path_factory.mktemp("home")
    install(dags, home)
    running = RunningSystem(home, dags)
    running.start()
    yield running
    running.stop()
