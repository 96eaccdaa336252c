"""The log line of an HTTP request.

It has no path, query, header or body: they may hold what is personal or secret.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from batchwell.errors import UnknownRequest
from batchwell.identifiers import split_request_id
from batchwell.registry import Registry
from webapp.monitoring.matching import matched
from webapp.monitoring.noting import NOTED, Noted

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

QUIET = frozenset(
    {
        "/api/v1/computations/<name>/result",
        "/api/v1/computations/<name>/latest",
        "/current",
        "/healthz",
        "/readyz",
        "/metrics",
        "/favicon.ico",
        "/static/<path:filename>",
    }
)
"""Routes that may answer thousands of times a second with what is no news."""

log = logging.getLogger("webapp.access")


def is_news(environ: WSGIEnvironment, status: str) -> bool:
    """Tell whether a quiet route's answer is worth a line all the same."""
    return status[0] in "45" or NOTED in environ


def write_line(
    environ: WSGIEnvironment,
    registry: Registry,
    method: str,
    route: str,
    status: str,
    headers: Sequence[tuple[str, str]],
    seconds: float,
) -> None:
    """Log the answer."""
    size = next((value for name, value in headers if name.lower() == "content-length"), "")
    computation, requests, count = _subjects(environ, registry)
    fields: dict[str, Any] = {
        "method": method,
        "route": route,
        "status": int(status[:3]),
        "duration_ms": round(1000 * seconds, 2),
        "bytes": int(size) if size else None,
        "peer": environ.get("REMOTE_ADDR", ""),
        "computation": computation,
        "requests": requests,
    }
    told = f"{method} {route} {status[:3]} in {fields['duration_ms']} ms"
    told += f", {size or '?'} bytes to {fields['peer']}"
    if computation:
        told += f", computation={computation}"
    if requests:
        told += f", requests={','.join(requests)}"
    if count > len(requests):
        told += f" and {count - len(requests)} more"
    log.info("%s", told, extra=fields)


def _subjects(environ: WSGIEnvironment, registry: Registry) -> tuple[str | None, list[str], int]:
    """Return the computation and the first requests that the answer is about; how many they are.

    Names only what exists: a log must not repeat whatever a client sent.
    """
    names = matched(environ).names
    noted: Noted | None = environ.get(NOTED)
    if noted:
        return noted.computation, noted.requests, noted.count
    name, requests = names.get("name"), []
    if "request_id" in names:
        try:
            name, _ = split_request_id(names["request_id"])
            requests = [names["request_id"]]
        except UnknownRequest:
            name = None
    if name not in registry.computations:
        return None, [], 0
    return name, requests, len(requests)
