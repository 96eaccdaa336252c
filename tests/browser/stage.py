"""What the browser is shown: the web app, workers, and computations that do as they are told."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.integration.running import draining, environment, running_web
from tests.servers import CHECKOUT, StoreServer

COMPUTATIONS = '''
import os
from pathlib import Path

from batchwell import computation


@computation(max_attempts=1)
def measured(n: int) -> dict[str, float]:
    """Read an instrument, which is out of order at first."""
    if not Path(os.environ["STAGE_MENDED"]).exists():
        raise ConnectionError(f"instrument {n} does not answer")
    return {"mean": n / 2, "spread": n / 10}


@computation()
def untouched(n: int) -> int:
    """Have nobody who computes it."""
    return n


@computation()
def unwanted(n: int) -> int:
    """Have nobody either."""
    return n
'''


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A running web app with workers; ``env`` is that of all its processes.

    It knows the project's computations and those above, the last two of which nobody computes. The
    instrument of ``measured`` is out of order until the file ``mended`` exists.
    """

    url: str
    env: Mapping[str, str]
    mended: Path

    def ask(self, computation: str, wait_seconds: int = 30, **params: object) -> dict[str, Any]:
        """Submit a request; return its document once it has ended, or that of a known value."""
        answer = requests.post(
            f"{self.url}/api/v1/computations/{computation}/requests",
            json={"params": params},
            headers={"Prefer": f"wait={wait_seconds}"},
            timeout=60,
        )
        assert answer.ok, answer.text
        document: dict[str, Any] = answer.json()
        return document


@contextmanager
def set_up(server: StoreServer, folder: Path) -> Iterator[Stage]:
    """Run it all: the project's own computations, and those above."""
    mended = folder / "mended"
    env = environment(server, folder, COMPUTATIONS) | {"STAGE_MENDED": str(mended)}
    dags = Path(env["BATCHWELL_DAGS_FOLDER"])
    for file in (CHECKOUT / "dags" / "computations").glob("*.py"):
        shutil.copy(file, dags / "computations")
    with ExitStack() as running:
        for name in ("fibonacci", "hello", "measured", "digits_classifier"):
            running.enter_context(draining(env, name))
        yield Stage(url=running.enter_context(running_web(env)), env=env, mended=mended)
