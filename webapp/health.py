"""``/healthz`` and ``/readyz``: is the process alive, can it serve, and is anything wrong."""

from __future__ import annotations

from flask import Blueprint, Response

from batchwell.access_tokens import Scope
from batchwell.errors import StoreRefuses, StoreUnavailable
from webapp.access.guard import may
from webapp.access.scopes import needs
from webapp.context import get_context
from webapp.diagnosis import import_warnings, intake_warnings, store_warnings
from webapp.http.answers import json_answer

blueprint = Blueprint("health", __name__)

_NO_STORE = {"Cache-Control": "no-store"}


@blueprint.get("/healthz")
@needs(None)
def show_liveness() -> Response:
    """Answer as long as this process answers at all; never asks the store."""
    return json_answer({"status": "alive"}, headers=_NO_STORE)


@blueprint.get("/readyz")
@needs(None)
def show_readiness() -> Response:
    """Answer 200 when the store answers, else 503; to whom may read, with all that is wrong."""
    context = get_context()
    told: dict[str, list[str]] = {}
    try:
        if may(Scope.READ):
            told["warnings"] = import_warnings(context)
        context.store.ping()
        if told:
            told["warnings"] += store_warnings(context.store, context.registry)
            if (actions := context.registry.actions) is not None:
                told["warnings"] += intake_warnings(actions, context.store.intake())
    except (StoreRefuses, StoreUnavailable) as error:
        if told:
            told["warnings"].append(str(error))
        return json_answer(
            {"status": "unavailable", **told}, 503, {**_NO_STORE, "Retry-After": "1"}
        )
    return json_answer({"status": "ready", **told}, headers=_NO_STORE)
