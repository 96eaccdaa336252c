"""Computations that behave well or badly, for drains to compute."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from batchwell import Failure, computation, progress

TRACE = "BATCHWELL_TEST_TRACE"
"""Names the file to which computations write a line for each call."""


class Item(BaseModel):
    n: int


def trace(text: object) -> None:
    if path := os.environ.get(TRACE):
        with Path(path).open("a") as file:
            file.write(f"{text}\n")


@computation()
def double(n: int) -> int:
    trace(n)
    return 2 * n


@computation(batch=True, max_batch=1000, max_wait=timedelta(milliseconds=200))
def double_all(items: list[Item]) -> list[int | Failure]:
    trace(len(items))
    return [Failure("unlucky", "Unlucky") if item.n == 13 else 2 * item.n for item in items]


@computation()
def invert(n: int) -> float:
    return 1 / n


@computation(batch=True)
def invert_all(items: list[Item]) -> list[float]:
    return [1 / item.n for item in items]


@computation(retry_backoff=timedelta(milliseconds=200))
def slow(n: int) -> int:
    trace(n)
    time.sleep(0.2)
    return 2 * n


@computation()
def very_slow(n: int) -> int:
    trace(n)
    time.sleep(2)
    return 2 * n


@computation()
def nap(n: int) -> int:
    """Sleep n tenths of a second."""
    trace(n)
    time.sleep(n / 10)
    return n


@computation()
def telling(n: int) -> int:
    for step in range(4):
        progress(step / 4, f"step {step}")
        time.sleep(0.3)
    return n


def _leave_an_orphan() -> None:
    """End, while a process of one's own lives on and holds all that was open."""
    if os.fork() == 0:
        time.sleep(20)
    os._exit(3)


DEATHS: dict[int, Callable[[], object]] = {
    101: os.abort,
    102: lambda: os.kill(os.getpid(), signal.SIGKILL),
    103: lambda: os._exit(3),
    104: lambda: sys.exit("good bye"),
    105: lambda: ctypes.string_at(0),
    106: _leave_an_orphan,
}
"""Numbers that take the compute process with them."""


@computation(max_attempts=2)
def deadly(n: int) -> int:
    DEATHS.get(n, int)()
    return 2 * n


@computation(batch=True, max_attempts=2)
def deadly_all(items: list[Item]) -> list[int]:
    for item in items:
        DEATHS.get(item.n, int)()
    return [2 * item.n for item in items]


def block_like_c_code() -> None:
    """Run on without ever letting Python handle a signal."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    while True:
        time.sleep(1)


@computation(timeout=timedelta(milliseconds=200), max_attempts=1)
def stubborn(n: int) -> int:
    if n == 13:
        block_like_c_code()
    return 2 * n


@computation(batch=True, timeout=timedelta(milliseconds=200), max_attempts=1)
def stubborn_all(items: list[Item]) -> list[int]:
    if any(item.n == 13 for item in items):
        block_like_c_code()
    return [2 * item.n for item in items]


@computation(batch=True, timeout=timedelta(seconds=1), max_attempts=1)
def nearly_late(items: list[Item]) -> list[int]:
    """Raise late, so that halving takes longer than any one call may."""
    time.sleep(0.6)
    if any(item.n == 13 for item in items):
        raise ValueError("13")
    return [2 * item.n for item in items]


@computation(batch=True)
def large_all(items: list[Item]) -> list[str]:
    return ["x" * 300_000 for _ in items]


@computation(max_attempts=1)
def unspeakable(n: int) -> object:
    if n == 1:
        raise ValueError("half a pair \ud800")
    progress(1, "half a pair \ud800")
    return "half a pair \ud800" if n == 2 else n
