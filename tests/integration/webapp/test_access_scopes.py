"""What each route needs, in one table: a new route is added here by whoever writes it."""

from __future__ import annotations

from flask import Flask

from batchwell.access_tokens import Scope
from webapp.access.scopes import scope_needed

ANYONE = {
    "GET /favicon.ico", "GET /healthz", "GET /login", "GET /problems/<slug>", "GET /readyz",
    "GET /static/<path:filename>", "POST /login", "POST /logout",
}  # fmt: skip
SUBMIT = {
    "POST /api/v1/actions",
    "DELETE /api/v1/requests/<request_id>",
    "GET /set/<num>",
    "POST /api/v1/computations/<name>/requests",
    "POST /api/v1/computations/<name>/requests/bulk",
    "POST /computations/<name>",
    "POST /operations/<name>/refresh",
    "POST /requests/<request_id>/cancel",
}
ADMIN = {
    "GET /api/v1/computations/<name>/deliveries",
    "POST /api/v1/deliveries/<delivery_id>/retry",
    "POST /api/v1/computations/<name>/invalidate",
    "POST /api/v1/requests/<request_id>/retry",
    "GET /operations/<name>/<any(cancel, invalidate):act>",
    "POST /operations/<name>/cancel",
    "POST /operations/<name>/invalidate",
    "POST /operations/<name>/replay",
    "POST /requests/<request_id>/replay",
}


def test_only_reading_needs_no_more_than_read(app: Flask) -> None:
    found: dict[Scope | None, set[str]] = {None: set(), **{scope: set() for scope in Scope}}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[scope_needed(view, method)].add(f"{method} {rule.rule}")
    assert found[None] == ANYONE
    assert found[Scope.SUBMIT] == SUBMIT
    assert found[Scope.ADMIN] == ADMIN
    assert all(call.startswith("GET ") for call in found[Scope.READ])
