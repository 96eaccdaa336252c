"""Huey, two worker processes, results kept.

It blocks on Redis for tasks; no scheduler of periodic tasks. Where a caller waits for the result it
is notified (``HUEY_NOTIFIES``) and need not poll; the backlog is drained without, which is quicker.
"""

import os

from huey import RedisHuey

from benchmarks.peers.store_url import store_url

huey = RedisHuey(
    "bench",
    url=store_url(0),
    blocking=True,
    notify_result=os.environ.get("HUEY_NOTIFIES") == "1",
)


@huey.task()
def increment(n: int) -> int:
    """Return the successor."""
    return n + 1


def fill(first: int, count: int) -> None:
    """Put tasks on the queue."""
    for n in range(first, first + count):
        huey.enqueue(increment.s(n, id=f"n{n}"))


def values(first: int, count: int) -> list[int | None]:
    """Return the values that are kept."""
    return [huey.result(f"n{n}", preserve=True) for n in range(first, first + count)]


def ask(n: int) -> int:
    """Have one computed, and wait for it."""
    value: int = increment(n).get(blocking=True, timeout=60)
    return value
