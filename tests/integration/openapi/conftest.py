"""A running web app with computations of both forms, drained by live workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.integration.running import draining, environment, running_web
from tests.servers import StoreServer

COMPUTATIONS = '''
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from batchwell import ActionLog, Failure, computation

actions = ActionLog(items=["whale-17"])


class Item(BaseModel):
    name: str = Field(min_length=1, max_length=20)
    count: int = Field(1, ge=1, le=9)


class Order(BaseModel):
    """What to buy."""

    items: list[Item] = Field(max_length=3, examples=[[{"name": "pen", "count": 2}]])
    size: Literal["small", "large"] = "small"
    express: bool = False
    until: date | None = None


class Bill(BaseModel):
    total: int
    lines: list[str]


@computation(batch=True)
def shop_order(items: list[Order]) -> list[Bill | Failure]:
    """Add up orders."""
    return [
        Bill(total=sum(item.count for item in order.items), lines=[i.name for i in order.items])
        if order.items
        else Failure("there is nothing to buy", "empty")
        for order in items
    ]


@computation(max_pending=3, max_attempts=1)
def inverse(n: Annotated[int, Field(ge=-20, le=20)], note: Any = None) -> float:
    """Invert a number; 0 fails."""
    return 1 / n


@computation()
def fibonacci(n: Annotated[int, Field(ge=0, le=42, examples=[30])]) -> int:
    """Compute a Fibonacci number."""
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
'''


@pytest.fixture
def live_env(server: StoreServer, tmp_path: Path) -> dict[str, str]:
    """The environment of the web app and of its workers."""
    return environment(server, tmp_path, COMPUTATIONS)


@pytest.fixture
def live_url(live_env: dict[str, str]) -> Iterator[str]:
    """The web app, as scripts/up runs it, and a worker for each computation."""
    with ExitStack() as running:
        for name in ("shop_order", "inverse", "fibonacci"):
            running.enter_context(draining(live_env, name))
        yield running.enter_context(running_web(live_env))
