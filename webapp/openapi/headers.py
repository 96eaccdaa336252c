"""The header fields that calls read and answers carry, described once."""

from __future__ import annotations

from typing import Any, TypeAlias

from webapp.http.idempotency import IDEMPOTENCY_KEY
from webapp.http.preferences import PREFER

Described: TypeAlias = dict[str, Any]


def _parameter(name: str, told: str, schema: Described, example: str) -> Described:
    return {
        "name": name,
        "in": "header",
        "description": told,
        "schema": {"type": "string", **schema},
        "example": example,
    }


REQUEST_HEADERS: dict[str, Described] = {
    "Prefer": _parameter(
        "Prefer",
        "`wait=N`: hold the answer until the value is there, N seconds at most and 60 at most. "
        "`respond-async`: the default. Others are passed over (RFC 7240).",
        {"pattern": PREFER},
        "wait=10",
    ),
    "Cache-Control": _parameter(
        "Cache-Control",
        "`max-age=N`: a value older than N seconds is to be recomputed; `no-cache`: any is; "
        "`only-if-cached`: none is. The known value is answered all the same.",
        {},
        "max-age=60",
    ),
    "If-None-Match": _parameter(
        "If-None-Match",
        "The `ETag` of an answer that you have: if it still holds, the answer is an empty 304.",
        {},
        'W/"fibonacci-4yszdrlteyhu3bsf.fresh."',
    ),
    "Last-Event-ID": _parameter(
        "Last-Event-ID",
        "The `id` of the last event that you have: what it showed is not sent again.",
        {},
        "running-1c291ca3",
    ),
    "Idempotency-Key": _parameter(
        "Idempotency-Key",
        "A text of your own, new for each submit: sending the submit again under it changes "
        "nothing and is answered as before, for a day.",
        {"pattern": IDEMPOTENCY_KEY},
        '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
    ),
}
"""What a call may be told in a header, by name."""


def _header(told: str, schema: Described, example: object) -> Described:
    return {"description": told, "schema": schema, "example": example}


_WHOLE_SECONDS = {"type": "integer", "minimum": 0}

RESPONSE_HEADERS: dict[str, Described] = {
    "Age": _header("Seconds since the value was computed.", _WHOLE_SECONDS, 12),
    "Cache-Control": _header(
        "How long caches may keep the answer.",
        {"type": "string"},
        "max-age=22, stale-while-revalidate=10, stale-if-error=2591978",
    ),
    "Location": _header(
        "Where the request's status document is.",
        {"type": "string", "format": "uri-reference"},
        "/api/v1/requests/fibonacci-4yszdrlteyhu3bsf",
    ),
    "Retry-After": _header("When to ask again, in seconds.", _WHOLE_SECONDS, 2),
    "Preference-Applied": _header("The preference that was heeded.", {"type": "string"}, "wait=10"),
    "ETag": _header(
        "What this answer is known by, for `If-None-Match`.",
        {"type": "string"},
        'W/"fibonacci-4yszdrlteyhu3bsf.fresh."',
    ),
    "RateLimit": _header(
        "How many calls are left (`r`), for how many seconds (`t`); where there is a limit.",
        {"type": "string"},
        '"default";r=99;t=60',
    ),
    "WWW-Authenticate": _header(
        "That a token is needed, and what is wrong with the one that was sent.",
        {"type": "string"},
        'Bearer realm="batchwell", error="invalid_token"',
    ),
    "Link": _header(
        'Where the next page is (`rel="next"`), if there is one.',
        {"type": "string"},
        '</api/v1/computations?cursor=aGVsbG8&limit=1>; rel="next"',
    ),
}
"""What an answer may tell in a header, by name."""
