"""The guard: each request passes it before its route, once."""

from __future__ import annotations

from flask import Flask, current_app, request

from batchwell.access_tokens import Scope
from batchwell.exposure import is_loopback
from webapp.access.caller import ANYONE, NOBODY, Caller, get_caller, set_caller
from webapp.access.foreign import check_site
from webapp.access.locality import check_local
from webapp.access.scopes import scope_needed
from webapp.access.sessions import session_token
from webapp.context import get_context
from webapp.problems import Refused

UNKNOWN = "This token is not known: revoked, expired, or not whole."

_CHALLENGE = 'Bearer realm="batchwell"'


def init_app(app: Flask) -> None:
    """Have every request of ``app`` pass the guard first."""
    app.before_request(check)


def check() -> None:
    """Raise `Refused` unless the caller may do this; raises `StoreUnavailable`.

    Without the store a caller cannot be told from anyone else, so that nothing is served but what
    needs no scope.
    """
    if request.routing_exception is not None:
        return  # where there is nothing, there is nothing to guard
    view = current_app.view_functions[request.endpoint or ""]
    needed = scope_needed(view, request.method)
    check_site(request.environ, needed, get_context().settings.cors_origins)
    if needed is None:
        return
    caller = identify()
    set_caller(caller)
    if needed not in caller.scopes:
        raise Refused(
            "insufficient-scope",
            f"This needs the scope {needed}; the token {caller.name} has {_spell(caller)}.",
            headers={
                "WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope", scope="{needed}"'
            },
        )


def identify() -> Caller:
    """Return who calls: by his token, by his session, or, in an open app, anyone here.

    An app is open while there is no token and nobody else can reach it. Raises `Refused`, and
    `StoreUnavailable`.
    """
    context = get_context()
    settings, known = context.settings, context.tokens
    if is_loopback(settings.host) and not known.exist():
        check_local(request.environ, settings)
        return ANYONE
    kind, _, secret = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind.lower() == "bearer":
        token = known.find(secret.strip())
        if token is None:
            raise _unknown(UNKNOWN, "invalid_token")
        return Caller(name=token.name, scopes=token.scopes)
    token = session_token(request, settings, known)
    if token is None:
        raise _unknown("Send a token (Authorization: Bearer TOKEN), or log in at /login.")
    return Caller(name=token.name, scopes=token.scopes, has_session=True)


def may(scope: Scope) -> bool:
    """Tell whether the caller may do more than the route needs; raises `StoreUnavailable`."""
    if get_caller() is NOBODY:
        try:
            set_caller(identify())
        except Refused:
            return False
    return scope in get_caller().scopes


def _unknown(detail: str, error: str = "") -> Refused:
    challenge = f'{_CHALLENGE}, error="{error}"' if error else _CHALLENGE
    return Refused("not-authenticated", detail, headers={"WWW-Authenticate": challenge})


def _spell(caller: Caller) -> str:
    return ", ".join(scope for scope in Scope if scope in caller.scopes)
