"""Pure Python that keeps one core busy."""

from datetime import timedelta

from batchwell import computation

STEPS = 200_000


@computation(max_pending=5_000_000, linger=timedelta(hours=1))
def burn(seed: int) -> int:
    """Take a pseudo-random number some steps further; about ten milliseconds."""
    state = seed
    for _ in range(STEPS):
        state = (state * 1_103_515_245 + 12_345) & 0x7FFFFFFF
    return state
