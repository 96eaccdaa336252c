"""The command, as a shell runs it, on a running web app."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batchwell.client import Client

BATCHWELL = str(Path(sys.executable).parent / "batchwell")
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def env(web_env: dict[str, str], web_url: str) -> dict[str, str]:
    """The environment in which the command finds the web app and the store."""
    return {**web_env, "BATCHWELL_URL": web_url}


@pytest.fixture
def run(env: dict[str, str]) -> Run:
    """Runs the command and returns what it said."""

    def run(*words: str, text: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [BATCHWELL, *words],
            env=env | more,
            input=text,
            stdin=None if text is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    return run


@pytest.fixture
def client(web_url: str) -> Iterator[Client]:
    """The client, to look at what the command has done."""
    with Client(web_url) as client:
        yield client
