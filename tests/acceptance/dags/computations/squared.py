"""Traced computations for the fault tests: one that is quick and moody, one that takes its time."""

import math
import os
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from batchwell import computation

TRACE = "FAULT_TRACE"
"""Names the folder in which each call leaves a line."""


def trace(line: str) -> None:
    """Append a line, whole also beside other processes that append."""
    file = os.open(Path(os.environ[TRACE]) / "calls", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with suppress(OSError):
        os.write(file, f"{line}\n".encode())
    os.close(file)


def is_first_call(n: int) -> bool:
    """Tell whether nobody asked this before for the number."""
    try:
        os.close(os.open(Path(os.environ[TRACE]) / f"raised-{n}", os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return False
    return True


@computation(
    max_attempts=50,
    retry_backoff=timedelta(milliseconds=200),
    max_batch=50,
    linger=timedelta(seconds=5),
)
def squared(n: int, salt: str) -> float:
    """Square a number; of twenty one raises at first, of fifty one gives what is no JSON."""
    trace(f"called {n}")
    time.sleep(0.015)
    if n % 20 == 3 and is_first_call(n):
        trace(f"raised {n}")
        raise RuntimeError("not at the first attempt")
    return math.nan if n % 50 == 49 else float(n * n)


@computation()
def pondered(n: int) -> int:
    """Double a number, slowly."""
    trace(f"called {n}")
    time.sleep(2)
    return 2 * n
