"""What a reader will put up with: how old a value; and the wait for a better one."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.http import parse_dict_header

from batchwell.errors import FieldError
from batchwell.store import AnyComputation, Store
from webapp.context import get_context
from webapp.problems import Refused

# Of the threads that serve, this many may wait for a value at once; the others go on serving.
MOST_WAITERS = 2
_FIRST_LOOK_SECONDS = 0.02
_SLOWEST_LOOK_SECONDS = 0.5

_waiters = threading.Semaphore(MOST_WAITERS)


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """What the header ``Cache-Control`` of a read says.

    ``max_age_seconds``: an older value is to be recomputed, fresh or not (``no-cache``: 0);
    ``only_if_cached``: never ask for a recompute.
    """

    max_age_seconds: float | None
    only_if_cached: bool


PATIENT = Tolerance(max_age_seconds=None, only_if_cached=False)


def read_tolerance(cache_control: str | None) -> Tolerance:
    """Read the header; raise `Refused` for a number that is none."""
    if cache_control is None:
        return PATIENT
    control = parse_dict_header(cache_control)
    max_age = None
    if "no-cache" in control:
        max_age = 0.0
    elif "max-age" in control:
        max_age = _seconds(control["max-age"])
    return Tolerance(max_age_seconds=max_age, only_if_cached="only-if-cached" in control)


def wait_for_end(
    store: Store, computation: AnyComputation, request_id: str, seconds: float
) -> bool:
    """Wait until the request has ended, ``seconds`` at most; False where all places are taken."""
    with _place() as free:
        if not free:
            return False
        deadline, pause = time.monotonic() + seconds, _FIRST_LOOK_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            request = store.inspect(computation, request_id)
            if request is None or request.status.is_terminal:
                break
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, _SLOWEST_LOOK_SECONDS)
    return True


@contextmanager
def _place() -> Iterator[bool]:
    free = _waiters.acquire(blocking=False)
    if not free:
        yield False
        return
    try:
        with get_context().tallies.holding("wait"):
            yield True
    finally:
        _waiters.release()


def _seconds(text: str | None) -> float:
    if text is not None and re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    message = "max-age must be a whole number of seconds"
    raise Refused(
        "bad-request",
        f"Cache-Control: {message}",
        [FieldError(field="Cache-Control", message=message)],
    )
