"""The README is held against the code."""

from __future__ import annotations

import re
from pathlib import Path

from batchwell.settings import Settings

CHECKOUT = Path(__file__).parents[2]
README = (CHECKOUT / "README.md").read_text()


class Recording(dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]  # narrower
        self.asked.add(key)
        return default


def test_the_table_of_settings_lists_exactly_the_variables_that_are_read() -> None:
    env = Recording()
    Settings.from_env(env)
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)) == env.asked


def test_the_defaults_in_the_table_are_those_of_the_code() -> None:
    settings = Settings.from_env({})
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)`", README, re.MULTILINE))
    assert rows["BATCHWELL_PORT"] == str(settings.port)
    assert rows["AIRFLOW_PORT"] == str(settings.airflow_port)
    assert rows["BATCHWELL_NAMESPACE"] == settings.namespace
    assert rows["BATCHWELL_URL"] == settings.url
    assert rows["BATCHWELL_AIRFLOW_URL"] == settings.airflow_url
    assert rows["BATCHWELL_HOME"] == settings.home.name


def test_every_file_that_the_readme_names_exists() -> None:
    for link in re.findall(r"\]\(([^):]+)\)", README):
        assert (CHECKOUT / link).exists(), link
    for script in re.findall(r"scripts/\w+", README):
        assert (CHECKOUT / script).exists(), script
