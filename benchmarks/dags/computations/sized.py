"""Results of any size."""

from datetime import timedelta

from batchwell import computation


@computation(max_pending=5_000_000, linger=timedelta(hours=1))
def sized(size: int, n: int) -> str:
    """Return a text of so many characters; ``n`` makes it another request."""
    return "x" * size
