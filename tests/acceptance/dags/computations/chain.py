"""Three computations, each of which depends on the one before it."""

from datetime import timedelta

from batchwell import computation

NO_LINGER = timedelta(0)


@computation(linger=NO_LINGER)
def measured(n: int) -> int:
    """Return the number."""
    return n


@computation(linger=NO_LINGER, depends_on=[measured])
def cleaned(n: int) -> int:
    """Return the number."""
    return n


@computation(linger=NO_LINGER, depends_on=[cleaned])
def reported(n: int, *, previous: int | None = None) -> int:
    """Count how often it was computed."""
    return (previous or 0) + 1
