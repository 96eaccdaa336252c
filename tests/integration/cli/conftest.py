"""The command on a running web app: within this process, and as a shell runs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner

from batchwell.client import Client
from batchwell.commands import main

BATCHWELL = str(Path(sys.executable).parent / "batchwell")


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a command said, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


class Run(Protocol):
    """Runs the command with these words, ``text`` as its input, and settings by their names."""

    def __call__(self, *words: str, text: str | None = None, **settings: str) -> Done: ...


@pytest.fixture
def env(web_env: dict[str, str], web_url: str) -> dict[str, str]:
    """The environment in which the command finds the web app and the store."""
    return {**web_env, "BATCHWELL_URL": web_url}


@pytest.fixture
def run(env: dict[str, str]) -> Run:
    """Runs a command that talks to the web app, within this process."""
    runner = CliRunner()

    def run(*words: str, text: str | None = None, **settings: str) -> Done:
        done = runner.invoke(main, words, input=text, env=env | settings, prog_name="batchwell")
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return Done(returncode=done.exit_code, stdout=done.stdout, stderr=done.stderr)

    return run


@pytest.fixture
def run_process(env: dict[str, str]) -> Run:
    """Runs any command, as a process of its own."""

    def run(*words: str, text: str | None = None, **settings: str) -> Done:
        done = subprocess.run(
            [BATCHWELL, *words],
            env=env | settings,
            input=text or "",
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Done(returncode=done.returncode, stdout=done.stdout, stderr=done.stderr)

    return run


@pytest.fixture
def client(web_url: str) -> Iterator[Client]:
    """The client, to look at what the command has done."""
    with Client(web_url) as client:
        yield client
