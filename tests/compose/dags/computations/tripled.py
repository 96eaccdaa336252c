"""A computation that takes its time, for the proof of docker-compose.yaml."""

import time
from datetime import timedelta

from batchwell import computation


@computation(max_attempts=20, retry_backoff=timedelta(milliseconds=200), max_batch=20, workers=3)
def tripled(n: int) -> int:
    """Multiply by three."""
    time.sleep(0.05)
    return 3 * n
