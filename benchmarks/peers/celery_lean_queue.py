"""Celery without its result backend: the task puts its value into Redis by itself.

As `celery_queue` otherwise. What somebody does who wants speed and knows what is behind it: one SET
for each task in place of a document, an expiry and a notification, and no task's state.
"""

from redis import Redis

from benchmarks.peers.celery_queue import app
from benchmarks.peers.store_url import store_url

redis = Redis.from_url(store_url(1))


@app.task(ignore_result=True)
def keep_increment(n: int) -> None:
    """Keep the successor."""
    redis.set(f"n{n}", n + 1, ex=86400)


def fill(first: int, count: int) -> None:
    """Put tasks on the queue."""
    with app.producer_pool.acquire(block=True) as producer:
        for n in range(first, first + count):
            keep_increment.apply_async((n,), producer=producer)


def values(first: int, count: int) -> list[int | None]:
    """Return the values that are kept."""
    kept = redis.mget([f"n{n}" for n in range(first, first + count)])
    return [int(found) if found else None for found in kept]
