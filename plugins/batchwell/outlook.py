"""When a request will have its value, and why it waits: honestly, from what was measured."""

from __future__ import annotations

import math

from batchwell.moments import about, iso_time
from batchwell.records import Attention, Request, Status

NEGLECT_SECONDS = 15.0
"""Airflow brings a worker within some seconds: from here on something is wrong."""

WATCHED_SECONDS = 30.0
"""The trigger notes about every ten seconds that it watches: after so long it does not."""


def eta_seconds(request: Request) -> float | None:
    """Estimate how long until the request succeeds; None where nothing is known to tell it."""
    match request.status:
        case Status.PENDING:
            seconds = _pending_seconds(request)
        case Status.RUNNING:
            seconds = _running_seconds(request)
        case _:
            seconds = None
    return None if seconds is None else round(seconds, 3)


def _running_seconds(request: Request) -> float | None:
    """Go by the progress that is reported, or else by what such items took before."""
    attention = request.attention
    if request.started_at is None:
        return None
    elapsed_seconds = max(0.0, attention.read_at - request.started_at)
    if request.progress_fraction:
        return elapsed_seconds * (1 / request.progress_fraction - 1)
    if attention.item_seconds is None:
        return None
    batch = max(1.0, attention.running / max(1, attention.workers))
    left = attention.item_seconds * batch - elapsed_seconds
    return left if left > 0 else None


def _pending_seconds(request: Request) -> float | None:
    attention = request.attention
    start = _start_seconds(attention)
    if start is None or attention.item_seconds is None:
        return None
    if request.retry_at is not None:
        return max(start, request.retry_at - attention.read_at) + attention.item_seconds
    return start + attention.item_seconds * _items_until(request)


def _start_seconds(attention: Attention) -> float | None:
    """Return how long until a worker is there; None where nobody can tell."""
    if attention.workers:
        return 0.0
    if attention.start_seconds is None or not is_watched(attention):
        return None
    if attention.woken_at is None:
        return attention.start_seconds
    since = attention.read_at - attention.woken_at
    return max(0.0, attention.start_seconds - since) if since < NEGLECT_SECONDS else None


def _items_until(request: Request) -> float:
    """Return how many items a worker has behind it when this one is done.

    Items of one call are done together. Of what runs now, half is left on average.
    """
    attention, position = request.attention, request.position or 0
    workers = max(1, attention.workers)
    size = max(1, min(request.call_size, math.ceil(request.queued / workers)))
    ahead = position // size
    own = max(1, min(size, request.queued - ahead * size))
    return ahead // workers * size + own + attention.running / workers / 2


def waiting_because(request: Request) -> str | None:
    """Tell in a sentence what a pending request waits for; None for any other."""
    if request.status is not Status.PENDING:
        return None
    if request.retry_at is not None:
        return f"waits to be tried again at {iso_time(request.retry_at)}"
    if request.attention.workers == 0:
        return why_nobody_drains(request.computation, request.attention)
    if not request.position:
        return "it is next: a worker takes it as soon as one is free"
    if request.position == 1:
        return "1 request is ahead"
    return f"{request.position} requests are ahead"


def why_nobody_drains(computation: str, attention: Attention) -> str:
    """Tell since when no worker has polled, and what is known of who should bring one."""
    dag, now = f"its DAG recompute_{computation}", attention.read_at
    if is_watched(attention):
        if attention.woken_at is None:
            return "no worker is draining it yet: Airflow is being woken"
        if now - attention.woken_at < NEGLECT_SECONDS:
            return "no worker is draining it yet: Airflow was woken and is starting one"
        reason = (
            f"Airflow was woken {about(now - attention.woken_at)} ago and no run has come to "
            f"drain it: {dag} may be paused or fail, its pool be full, or the scheduler be down"
        )
    else:
        reason = why_unwatched(computation, attention)
    if attention.seen_at is None:
        return f"no worker has ever polled, and {reason}"
    return f"no worker has polled for {about(now - attention.seen_at)}, and {reason}"


def why_unwatched(computation: str, attention: Attention) -> str:
    """Tell since when Airflow's trigger does not watch, and what is likely the cause."""
    dag, now = f"its DAG recompute_{computation}", attention.read_at
    if attention.unwatched_at is not None:
        ago = about(now - attention.unwatched_at)
        return f"Airflow stopped watching it {ago} ago: {dag} is paused, or gone"
    if attention.watched_at is not None:
        ago = about(now - attention.watched_at)
        return f"Airflow last looked for requests {ago} ago: its triggerer does not run"
    return f"Airflow has never looked for requests: it does not run, or {dag} is paused"


def is_watched(attention: Attention) -> bool:
    """Tell whether Airflow's trigger watches the computation."""
    if attention.watched_at is None or attention.unwatched_at is not None:
        return False
    return attention.read_at - attention.watched_at < WATCHED_SECONDS
