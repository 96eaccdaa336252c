"""celery-batches: the worker gathers messages, a task gets hundreds of them at once.

As `celery_queue`, and the prefetch large enough to fill batches, as its manual demands. The
results are kept as its manual shows, with ``mark_as_done`` for each.
"""

from celery_batches import Batches, SimpleRequest

from benchmarks.peers.celery_queue import app, values

__all__ = ["app", "fill", "gathered", "values"]

app.conf.worker_prefetch_multiplier = 500


@app.task(base=Batches, flush_every=250, flush_interval=0.05)
def gathered(requests: list[SimpleRequest]) -> None:
    """Keep the successor for each request."""
    for request in requests:
        app.backend.mark_as_done(request.id, request.args[0] + 1, request=request)


def fill(first: int, count: int) -> None:
    """Put tasks on the queue."""
    with app.producer_pool.acquire(block=True) as producer:
        for n in range(first, first + count):
            gathered.apply_async((n,), task_id=f"n{n}", producer=producer)
