"""A computation whose workers end at once, so that each request finds none."""

from datetime import timedelta

from batchwell import computation


@computation(linger=timedelta(0))
def cold(n: int) -> int:
    """Return the successor of a number."""
    return n + 1
