"""RQ, two workers of its pool.

With ``SimpleWorker``, which does not fork for each job as the default worker does: it gives the
isolation up that the default buys, and is several times quicker. Results are kept for a day.
"""

from redis import Redis
from rq import Queue
from rq.job import Job

from benchmarks.peers.store_url import store_url

connection = Redis.from_url(store_url(0))
queue = Queue("bench", connection=connection)

_CHUNK = 1000


def increment(n: int) -> int:
    """Return the successor."""
    return n + 1


def fill(first: int, count: int) -> None:
    """Put jobs on the queue, many in one round trip."""
    for start in range(first, first + count, _CHUNK):
        queue.enqueue_many(
            [
                Queue.prepare_data(increment, args=(n,), job_id=f"n{n}", result_ttl=86400)
                for n in range(start, min(start + _CHUNK, first + count))
            ]
        )


def values(first: int, count: int) -> list[int | None]:
    """Return the values that are kept."""
    jobs = Job.fetch_many([f"n{n}" for n in range(first, first + count)], connection=connection)
    return [job.return_value() if job else None for job in jobs]


def ask(n: int) -> int:
    """Have one computed, and wait for it: its result is a stream that can be blocked on."""
    result = queue.enqueue(increment, n, result_ttl=500).latest_result(timeout=60)
    value: int = result.return_value
    return value
