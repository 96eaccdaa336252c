"""What a reader will put up with: how old a value, how long a wait."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.datastructures import Headers
from werkzeug.http import parse_dict_header

from batchwell.errors import FieldError
from batchwell.store import AnyComputation, Store
from webapp.problems import Refused

MOST_WAIT_SECONDS = 60
# Of the threads that serve, this many may wait for a value at once; the others go on serving.
MOST_WAITERS = 2
_FIRST_LOOK_SECONDS = 0.02
_SLOWEST_LOOK_SECONDS = 0.5

_waiters = threading.Semaphore(MOST_WAITERS)


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """What the headers ``Cache-Control`` and ``Prefer`` of a read say.

    ``max_age_seconds``: an older value is to be recomputed, fresh or not (``no-cache``: 0);
    ``only_if_cached``: never ask for a recompute; ``wait_seconds``: wait so long for one.
    """

    max_age_seconds: float | None
    only_if_cached: bool
    wait_seconds: int


PATIENT = Tolerance(max_age_seconds=None, only_if_cached=False, wait_seconds=0)


def read_tolerance(headers: Headers) -> Tolerance:
    """Read the headers; raise `Refused` for a number that is none."""
    if "Cache-Control" not in headers and "Prefer" not in headers:
        return PATIENT
    control = parse_dict_header(headers.get("Cache-Control", ""))
    max_age = None
    if "no-cache" in control:
        max_age = 0.0
    elif "max-age" in control:
        max_age = float(_whole(control["max-age"], "Cache-Control", "max-age"))
    return Tolerance(
        max_age_seconds=max_age,
        only_if_cached="only-if-cached" in control,
        wait_seconds=read_wait(headers),
    )


def read_wait(headers: Headers) -> int:
    """Return the seconds of ``Prefer: wait=N`` (RFC 7240), 60 at most; 0 without."""
    preferences = parse_dict_header(headers.get("Prefer", "").replace(";", ","))
    if "wait" not in preferences:
        return 0
    return min(_whole(preferences["wait"], "Prefer", "wait"), MOST_WAIT_SECONDS)


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
    try:
        yield free
    finally:
        if free:
            _waiters.release()


def _whole(text: str | None, header: str, name: str) -> int:
    if text is not None and re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    told = f"{header}: {name} must be a whole number of seconds"
    raise Refused("bad-request", told, [FieldError(field=name, message=told)])
