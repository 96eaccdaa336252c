"""Fixtures of the browser tests: one Chromium and one running web app for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import MISSING, Windows, find_chromium, running_chromium
from tests.browser.stage import Stage, set_up
from tests.servers import StoreServer


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser; not kept beyond these tests, as it holds the thread's event loop."""
    if (program := find_chromium()) is None:
        pytest.skip(MISSING)
    with running_chromium(program) as browser:
        yield browser


@pytest.fixture(scope="session")
def stage(server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The web app and its workers: keep to parameters of your own."""
    with set_up(server, tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: the folder SCREENSHOTS, or else one that pytest keeps for a while."""
    if named := os.environ.get("SCREENSHOTS"):
        folder = Path(named)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    return tmp_path_factory.mktemp("screenshots")


@pytest.fixture
def windows(chromium: Browser, stage: Stage, pictures: Path) -> Iterator[Windows]:
    """Windows on the web app."""
    opened = Windows(chromium, stage.url, pictures)
    yield opened
    opened.close()
