"""What the article's two routes need: Fibonacci numbers, here the quick way."""

from datetime import timedelta

from batchwell import computation


@computation(max_pending=5_000_000, linger=timedelta(hours=1))
def fibonacci(n: int) -> int:
    """Return the n-th Fibonacci number."""
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a
