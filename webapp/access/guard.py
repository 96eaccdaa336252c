"""The guard: each request passes it before its route, once.

It stands before the cached read too, so it asks Flask's proxies for little and makes nothing anew.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, request

from batchwell.access_tokens import Scope
from batchwell.errors import StoreUnavailable
from batchwell.exposure import is_loopback
from webapp.access.caller import ANYONE, NOBODY, Caller, get_caller, set_caller
from webapp.access.foreign import check_site, is_lent
from webapp.access.locality import check_local
from webapp.access.scopes import scope_needed
from webapp.access.sessions import session_caller
from webapp.context import Context
from webapp.problems import Refused

UNKNOWN = "This token is not known: revoked, expired, or not whole."

_CHALLENGE = 'Bearer realm="batchwell"'
_KEY = "batchwell-guard"


class Guard:
    """Knows what each route needs, and finds out who calls."""

    def __init__(self, app: Flask, context: Context) -> None:
        """Guard the routes of ``app``, also those that are still to come."""
        self._views = app.view_functions
        self._settings = context.settings
        self._tokens = context.tokens
        self._may_be_open = is_loopback(context.settings.host)

    def check(self) -> None:
        """Raise `Refused` unless the caller may do this; raises `StoreUnavailable`.

        Without the store a caller cannot be told from anyone else, so that nothing is served but
        what needs no scope.
        """
        rule, environ = request.url_rule, request.environ
        if rule is None:
            return  # where there is nothing, there is nothing to guard
        needed = scope_needed(self._views[rule.endpoint], environ["REQUEST_METHOD"])
        if "HTTP_SEC_FETCH_SITE" in environ or "HTTP_ORIGIN" in environ:
            check_site(environ, needed, self._settings.cors_origins)
        if needed is None:
            return
        caller = self.identify(environ)
        set_caller(environ, caller)
        if needed not in caller.scopes:
            has = ", ".join(scope for scope in Scope if scope in caller.scopes)
            challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{needed}"'
            raise Refused(
                "insufficient-scope",
                f"This needs the scope {needed}; the token {caller.name} has {has}.",
                headers={"WWW-Authenticate": challenge},
            )

    def identify(self, environ: dict[str, Any]) -> Caller:
        """Return who calls: by his token, by his session, or, in an open app, anyone here.

        An app is open while there is no token and nobody else can reach it. Raises `Refused`, and
        `StoreUnavailable`.
        """
        if (caller := self._without_session(environ)) is not None:
            return caller
        if not is_lent(environ, self._settings.cors_origins):
            caller = session_caller(request, self._settings, self._tokens)
        if caller is None:
            raise _unknown("Send a token (Authorization: Bearer TOKEN), or log in at /login.")
        return caller

    def quick_caller(self, environ: dict[str, Any], scope: Scope) -> Caller | None:
        """Return who calls, if he has the scope and it takes no look at a session to see that."""
        try:
            caller = self._without_session(environ)
        except (Refused, StoreUnavailable):
            return None
        return caller if caller is not None and scope in caller.scopes else None

    def _without_session(self, environ: dict[str, Any]) -> Caller | None:
        if self._may_be_open and not self._tokens.exist():
            check_local(environ, self._settings)
            return ANYONE
        kind, _, secret = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        caller = self._tokens.find(secret.strip())
        if caller is None:
            raise _unknown(UNKNOWN, "invalid_token")
        return caller


def init_app(app: Flask, context: Context) -> Guard:
    """Have every request of ``app`` pass the guard first; return it."""
    app.extensions[_KEY] = guard = Guard(app, context)
    app.before_request(guard.check)
    return guard


def may(scope: Scope) -> bool:
    """Tell whether the caller may do more than the route needs; raises `StoreUnavailable`."""
    if get_caller() is NOBODY:
        guard: Guard = current_app.extensions[_KEY]
        try:
            set_caller(request.environ, guard.identify(request.environ))
        except Refused:
            return False
    return scope in get_caller().scopes


def _unknown(detail: str, error: str = "") -> Refused:
    challenge = f'{_CHALLENGE}, error="{error}"' if error else _CHALLENGE
    return Refused("not-authenticated", detail, headers={"WWW-Authenticate": challenge})
