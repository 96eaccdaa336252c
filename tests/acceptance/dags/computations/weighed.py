"""A computation that is worth a second worker."""

import time
from datetime import timedelta

from batchwell import computation


@computation(max_attempts=20, linger=timedelta(seconds=1), workers=2)
def weighed(n: int) -> int:
    """Multiply by three, slowly."""
    time.sleep(0.1)
    return 3 * n
