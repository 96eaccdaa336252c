"""Dramatiq, two processes, results kept.

The default middleware less what limits age and time, which a tiny task does not need; threads as
many as serve best (4 a process, of 1, 2, 4 and the default of 8; all share one interpreter).
"""

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

from benchmarks.peers.store_url import store_url

backend = RedisBackend(url=store_url(1))
broker = RedisBroker(url=store_url(0), middleware=[Retries(), Results(backend=backend)])
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True, result_ttl=86_400_000, queue_name="bench")
def increment(n: int) -> int:
    """Return the successor."""
    return n + 1


def _message(n: int) -> "dramatiq.Message[int]":
    return increment.message(n).copy(message_id=f"n{n}")


def fill(first: int, count: int) -> None:
    """Put messages on the queue."""
    for n in range(first, first + count):
        broker.enqueue(_message(n))


def values(first: int, count: int) -> list[int | None]:
    """Return the values that are kept."""
    return [_message(n).get_result(backend=backend) for n in range(first, first + count)]


def ask(n: int) -> int:
    """Have one computed, and wait for it."""
    value: int = increment.send(n).get_result(backend=backend, block=True, timeout=60_000)
    return value
