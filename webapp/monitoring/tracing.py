"""The trace of an HTTP request: the name by which client, logs and Airflow's task log know it."""

from __future__ import annotations

import random
import re
from typing import Any

GIVEN = "batchwell.trace"
"""Where a WSGI environment has the trace that its client gave, or ""."""

_NAME = re.compile(r"[A-Za-z0-9._:/+=@-]{1,64}")
# Python seeds it anew in each forked process.
_random_bits = random.getrandbits
# W3C Trace Context: version, trace-id, parent-id, flags.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-.+")


def given_trace(environ: dict[str, Any]) -> str:
    """Return the client's ``X-Request-ID``, or the trace-id of its ``traceparent``; "" for none.

    What is too long or has other characters is passed over: a log must not say what a client likes.
    """
    if (name := environ.get("HTTP_X_REQUEST_ID")) and _NAME.fullmatch(name):
        return str(name)
    if parent := environ.get("HTTP_TRACEPARENT"):
        found = _TRACEPARENT.fullmatch(parent)
        return found[1] if found else ""
    return ""


def new_trace() -> str:
    """Return 16 characters that no other request has. No secret, and cheap to make."""
    return "%016x" % _random_bits(64)  # noqa: UP031 - the quickest way
