"""Celery with the settings that suit many small tasks whose results are wanted.

- A result is kept for each task, as Batchwell keeps one, by the backend; or, quicker, by the task
  itself with results ignored (`celery_lean_queue`).
- ``worker_prefetch_multiplier=64``, by the manual's advice for short tasks ("somewhere between 50
  to 150"); with the default of 4 the main process waits for the broker.
- Acknowledged early, the default: quicker than late acks, and what Batchwell promises is more.
- No events, no gossip, no mingle, no heartbeat, no rate limits: nobody watches the worker.
- JSON, by default; hiredis; a pool of producers on one connection.
- Two processes, prefork: threads would share one interpreter.
"""

from celery import Celery
from redis import Redis

from benchmarks.peers.store_url import store_url

app = Celery("bench", broker=store_url(0), backend=store_url(1))
app.conf.update(
    worker_prefetch_multiplier=64,
    worker_send_task_events=False,
    worker_disable_rate_limits=True,
    worker_hijack_root_logger=False,
    result_expires=86400,
    broker_connection_retry_on_startup=True,
)


@app.task
def increment(n: int) -> int:
    """Return the successor."""
    return n + 1


def fill(first: int, count: int) -> None:
    """Put tasks on the queue."""
    with app.producer_pool.acquire(block=True) as producer:
        for n in range(first, first + count):
            increment.apply_async((n,), task_id=f"n{n}", producer=producer)


def values(first: int, count: int) -> list[int | None]:
    """Return the values that are kept."""
    keys = [app.backend.get_key_for_task(f"n{n}") for n in range(first, first + count)]
    with Redis.from_url(store_url(1)) as redis:
        return [
            app.backend.decode(found)["result"] if found else None for found in redis.mget(keys)
        ]


def ask(n: int) -> int:
    """Have one computed, and wait for it."""
    value: int = increment.delay(n).get(timeout=60)
    return value
