"""Run commands, tell what they said when they fail."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class Failed(Exception):
    """Raised when the proof fails; the message says how."""


class CannotTry(Exception):
    """Raised when the proof cannot be made here; the message says what is missing."""


def say(text: object) -> None:
    """Tell the user what goes on."""
    print(f"test-compose: {text}", file=sys.stderr, flush=True)


def run(
    *command: str | Path, env: Mapping[str, str], folder: Path | None = None, stdin: str = ""
) -> str:
    """Return what a command printed; raise `Failed` with all of it when it does not succeed."""
    code, output = attempt(*command, env=env, folder=folder, stdin=stdin)
    if code:
        raise Failed(f"{' '.join(map(str, command))} ended with {code}:\n{output[-4000:]}")
    return output


def attempt(
    *command: str | Path, env: Mapping[str, str], folder: Path | None = None, stdin: str = ""
) -> tuple[int, str]:
    """Return a command's exit code and what it printed."""
    done = subprocess.run(
        command,
        env=env,
        cwd=folder,
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def wait_for(what: str, probe: Callable[[], T | None], seconds: float) -> T:
    """Return the first true answer of ``probe``; raise `Failed` after ``seconds``."""
    give_up_at = time.monotonic() + seconds
    while True:
        if found := probe():
            return found
        if time.monotonic() > give_up_at:
            raise Failed(f"no {what} within {seconds:g} seconds")
        time.sleep(0.25)
