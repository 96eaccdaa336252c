"""``/healthz`` and ``/readyz``: is the process alive, can it serve, and is anything wrong."""

from __future__ import annotations

from flask import Blueprint, Response

from batchwell.errors import StoreUnavailable
from webapp.answers import json_answer
from webapp.context import get_context
from webapp.diagnosis import import_warnings, store_warnings

blueprint = Blueprint("health", __name__)

_NO_STORE = {"Cache-Control": "no-store"}


@blueprint.get("/healthz")
def show_liveness() -> Response:
    """Answer as long as this process answers at all; never asks the store."""
    return json_answer({"status": "alive"}, headers=_NO_STORE)


@blueprint.get("/readyz")
def show_readiness() -> Response:
    """Answer 200 when the store answers, else 503; either way with all that is wrong."""
    context = get_context()
    warnings = import_warnings(context)
    try:
        context.store.ping()
        warnings += store_warnings(context.store, context.registry)
    except StoreUnavailable as error:
        return json_answer(
            {"status": "unavailable", "warnings": [*warnings, str(error)]},
            503,
            {**_NO_STORE, "Retry-After": "1"},
        )
    return json_answer({"status": "ready", "warnings": warnings}, headers=_NO_STORE)
