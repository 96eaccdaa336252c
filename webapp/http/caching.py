"""What caches may do with an answer, and whether its reader has it already (RFC 9110, 9111).

Validators are weak: an age is part of most documents and changes all the time. Two answers have
the same one while all else in them is the same.
"""

from __future__ import annotations

import hashlib
import re

from flask import Response, request

from batchwell.documents import dumps
from batchwell.errors import FieldError
from batchwell.known_results import Result
from batchwell.policy import Policy
from webapp.access.caller import Caller, get_caller
from webapp.http.answers import json_answer, unchanged_answer
from webapp.problems import Refused

HELD_SECONDS = 10
"""How long a cache may hold a value before it asks again.

A forced recompute, an invalidation or a change upstream ends a value's freshness before its time,
and no cache can be told. Ten seconds keep a crowd away all the same, and are short enough that the
store sees which values are hot.
"""

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")


def result_etag(result: Result) -> str:
    """Return the validator of a result: its computing, its state, its successor, its last error."""
    failed_at = f"!{result.last_error.at:.3f}" if result.last_error else ""
    return f'W/"{result.request}.{result.state}.{result.refreshed_by or ""}{failed_at}"'


def result_headers(result: Result, policy: Policy, *, held_seconds: int) -> dict[str, str]:
    """Return ``ETag``, ``Age`` and ``Cache-Control`` of a result.

    A cache may hold a fresh value for ``held_seconds``, but not beyond its freshness nor while its
    successor is computed, and serve it as long again while it asks anew. A stale value is held by
    nobody. When this app is away or in error, the last good value may be served as long as the
    store itself would have kept it.
    """
    age, control = age_headers(result, policy, result.read_at, held_seconds=held_seconds)
    return {"ETag": result_etag(result), "Age": age, "Cache-Control": for_whom(control)}


def age_headers(
    result: Result, policy: Policy, read_at: float, *, held_seconds: int
) -> tuple[str, str]:
    """Return ``Age`` and ``Cache-Control`` of a result that was read at this time."""
    age_seconds = max(0, int(read_at - result.computed_at))
    held = 0
    if result.state == "fresh" and result.refreshed_by is None:
        end = result.fresh_until
        held = held_seconds if end is None else min(held_seconds, int(end - read_at))
    keep_seconds = int(policy.keep_for.total_seconds())
    if held > 0:
        lifetime = age_seconds + held  # caches count from the computing, as Age does
        control = (
            f"max-age={lifetime}, stale-while-revalidate={held_seconds}, "
            f"stale-if-error={max(0, keep_seconds - lifetime)}"
        )
    else:
        control = f"max-age=0, stale-if-error={keep_seconds}"
    return str(age_seconds), control


def checked_answer(
    document: dict[str, object],
    headers: dict[str, str] | None = None,
    *,
    likeness: dict[str, object] | None = None,
) -> Response:
    """Answer with a document that changes at any moment, or 304 where the reader has it.

    ``likeness`` replaces members of the document that change all the time, for the comparison.
    """
    compared = dumps(document | likeness if likeness else document)
    etag = f'W/"{hashlib.blake2b(compared, digest_size=12).hexdigest()}"'
    told = {"ETag": etag, "Cache-Control": for_whom("no-cache"), **(headers or {})}
    return unchanged_answer(told) if is_known(etag) else json_answer(document, headers=told)


def for_whom(control: str, caller: Caller | None = None) -> str:
    """Return a ``Cache-Control`` that keeps what somebody had to say a token for from others."""
    return f"private, {control}" if (caller or get_caller()).name else control


def is_known(etag: str) -> bool:
    """Tell whether the reader has this already, by ``If-None-Match``; compared weakly.

    Raises `Refused` for a header that is no list of tags.
    """
    told: str | None = request.environ.get("HTTP_IF_NONE_MATCH")
    if told is None:
        return False
    if told.strip(" \t") == "*":
        return True
    if not _TAGS.fullmatch(told):
        message = 'must be * or a list of entity tags, as in If-None-Match: W/"abc"'
        raise Refused(
            "bad-request",
            f"If-None-Match {message}",
            [FieldError(field="If-None-Match", message=message)],
        )
    return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in re.findall(_TAG, told)]
