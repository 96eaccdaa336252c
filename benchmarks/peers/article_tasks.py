"""The article's worker: computes a Fibonacci number, and puts it where the web app reads it.

``task_ignore_result``: nobody asks for the task's own result, and keeping it would cost each
``/set`` a subscription and each task two more commands.
"""

from celery import Celery
from redis import Redis

from benchmarks.peers.store_url import store_url

CURRENT = "article:current"

celery = Celery("article", broker=store_url(2))
celery.conf.update(
    task_ignore_result=True,
    task_default_queue="article",
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
redis = Redis.from_url(store_url(2))


def fibonacci(n: int) -> int:
    """Return the n-th Fibonacci number, by naive recursion."""
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


@celery.task
def assign(n: int) -> None:
    """Make the n-th Fibonacci number the current one."""
    redis.set(CURRENT, fibonacci(n))
