"""The message of a request's end."""

from __future__ import annotations

from dataclasses import replace

from batchwell.documents import dumps, request_document
from batchwell.moments import iso_time
from batchwell.records import Request
from batchwell.settings import Settings

MOST_VALUE_BYTES = 20 * 1024
"""Receivers want small messages: a larger value is left out, to be got from where it is."""


def message(request: Request, settings: Settings) -> bytes:
    """Return the payload: its type, when the request ended, and the request's document.

    The document has a ``url`` more than elsewhere, at which it can be read; where in the code an
    error was raised is nothing to a receiver.
    """
    request = replace(request, error_traceback="")
    if request.result is not None and len(request.result.value.encode()) > MOST_VALUE_BYTES:
        request = replace(request, result=None)
    document = request_document(request, settings.airflow_url)
    return dumps(
        {
            "type": f"request.{request.status}",
            "timestamp": iso_time(request.finished_at),
            "data": document | {"url": f"{settings.url}/api/v1/requests/{request.id}"},
        }
    )
