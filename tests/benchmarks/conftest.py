"""A folder for a benchmark's server and logs."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start programs as from a shell, without what the tests themselves are told."""
    for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "BATCHWELL_"))]:
        monkeypatch.delenv(name)
