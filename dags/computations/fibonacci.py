"""Fibonacci numbers, the slow way."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from batchwell import computation, progress

GOLDEN = (1 + 5**0.5) / 2


@computation(fresh_for=timedelta(hours=1))
def fibonacci(
    n: Annotated[
        int,
        Field(
            title="Index",
            description="Which Fibonacci number; each step up takes 1.6 times as long.",
            ge=0,
            le=42,
            examples=[30],
        ),
    ],
) -> int:
    """Compute a Fibonacci number by naive recursion.

    A stand-in for massive work: every number is the sum of the two before it, and both are
    computed from scratch. Up to n = 25 that takes milliseconds, n = 35 about a second and n = 42
    over half a minute of one core. The sequence begins with F(0) = 0 and F(1) = 1.
    """
    value, left = 0, n
    while left >= 2:
        value += _add_up(left - 2)  # what remains is F(left - 1), as much work times 1 / GOLDEN
        left -= 1
        progress(1 - GOLDEN ** (left - n))
    return value + left


def _add_up(n: int) -> int:
    """Recurse without the decorator's call in between: it would double the time."""
    return n if n < 2 else _add_up(n - 1) + _add_up(n - 2)
