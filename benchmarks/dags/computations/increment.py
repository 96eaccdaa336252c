"""The smallest computation there is: what a request costs when computing costs nothing."""

from datetime import timedelta

from batchwell import computation


@computation(max_pending=5_000_000, linger=timedelta(hours=1))
def increment(n: int) -> int:
    """Return the successor of a number."""
    return n + 1
