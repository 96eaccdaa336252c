"""A computation whose value is stale after a second."""

from datetime import timedelta

from batchwell import computation


@computation(fresh_for=timedelta(seconds=1), linger=timedelta(0))
def ticking(n: int) -> int:
    """Return the number."""
    return n
