"""What a reader will put up with: how old a value; and the wait for a better one."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from flask import request
from werkzeug.http import parse_dict_header

from batchwell.errors import FieldError
from batchwell.identifiers import split_request_id
from serving.crew import stepping_aside
from webapp.context import Context
from webapp.http.places import hang_up_of
from webapp.problems import Refused


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


def wait_for_end(context: Context, request_id: str, seconds: float) -> bool:
    """Wait until the request has ended, ``seconds`` at most; False where all places are taken.

    Returns early when the client hangs up, or this process is to end.
    """
    deadline = time.monotonic() + seconds
    with context.places.take() as free:
        if not free:
            return False
        hang_up = hang_up_of(request.environ)
        with (
            context.tallies.holding("wait"),
            context.follower.follow(request_id, hang_up, end_only=True) as followed,
        ):
            # What happened before we followed.
            name, token = split_request_id(request_id)
            standing = context.store.look(name, [token])[token]
            while not (standing.is_over or followed.is_cut):
                with stepping_aside():
                    changed = followed.wait(deadline - time.monotonic())
                if not changed:
                    break
                standing = followed.standing or standing
    return True


def _seconds(text: str | None) -> float:
    if text is not None and re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    message = "max-age must be a whole number of seconds"
    raise Refused(
        "bad-request",
        f"Cache-Control: {message}",
        [FieldError(field="Cache-Control", message=message)],
    )
