"""A running web app on computations of all kinds, for the tests of its client and its command."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.integration.running import draining, environment, running_web
from tests.servers import StoreServer

COMPUTATIONS = '''
import time
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from batchwell import ActionLog, computation, progress

actions = ActionLog(items=["whale-1", "cat-1"], user_limit=3)


@computation()
def squared(n: Annotated[int, Field(ge=0, le=10**30)]) -> int:
    """Square a number.

    As often as you like.
    """
    return n * n


@computation(max_attempts=1)
def inverse(n: int, of: int = 1) -> float:
    """Divide one number by another."""
    return of / n


@computation()
def walk(steps: int, pause: float = 0.1, says: str = "step") -> str:
    """Walk some steps, telling of each."""
    for step in range(steps):
        progress(step / steps, f"{says} {step + 1} of {steps}")
        time.sleep(pause)
    return "arrived"


@computation()
def everything(
    text: str,
    count: int = 1,
    ratio: float = 0.5,
    sure: bool = False,
    mode: Literal["fast", "good"] = "fast",
    numbers: list[int] = [],
    day: date | None = None,
    anything: Any = None,
) -> dict[str, Any]:
    """Give back all that it was given."""
    return {
        "text": text, "count": count, "ratio": ratio, "sure": sure, "mode": mode,
        "numbers": numbers, "day": day, "anything": anything,
    }


@computation(max_pending=2)
def narrow(n: int) -> int:
    """Have room for two."""
    return n


@computation()
def idle(n: int) -> int:
    """Have nobody who computes it."""
    return n
'''


@pytest.fixture(scope="session")
def web_env(server: StoreServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of everything that works on the computations above, in one namespace."""
    return environment(server, tmp_path_factory.mktemp("client"), COMPUTATIONS) | {
        "BATCHWELL_WEBHOOK_SECRET": f"whsec_{b64encode(secrets.token_bytes(32)).decode()}",
        "BATCHWELL_WEBHOOK_ALLOW_PRIVATE": "1",
    }


@pytest.fixture(scope="session")
def web_url(web_env: dict[str, str]) -> Iterator[str]:
    """The web app, which all tests share: keep to parameters of your own."""
    with running_web(web_env) as url:
        yield url


@pytest.fixture(scope="session")
def workers(web_env: dict[str, str]) -> Iterator[None]:
    """Workers that compute whatever is asked for at once; not `narrow`, and not `idle`."""
    with ExitStack() as running:
        for name in ("squared", "inverse", "walk", "everything"):
            running.enter_context(draining(web_env, name))
        yield
