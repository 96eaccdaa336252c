"""``/login`` and ``/logout``: the pages under a token."""

from __future__ import annotations

import re

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from webapp.access.guard import UNKNOWN
from webapp.access.scopes import needs
from webapp.access.sessions import begin_session, end_session
from webapp.context import get_context
from webapp.http.page_answer import page_answer

blueprint = Blueprint("login", __name__)

# A path of ours: neither another host (//, /\) nor what a browser would make one (control signs).
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")


@blueprint.get("/login")
@needs(None)
def show_login() -> Response:
    """Ask for a token."""
    return page_answer("login.html", next=_own_path(request.args.get("next")))


@blueprint.post("/login")
@needs(None)
def log_in() -> AnyResponse:
    """Begin a session with the token that the form holds."""
    context = get_context()
    destination = _own_path(request.form.get("next"))
    secret = request.form.get("token", "").strip()
    if context.tokens.find(secret) is None:
        return page_answer("login.html", 401, next=destination, told=UNKNOWN)
    response = redirect(destination, 303)
    begin_session(response, request, context.settings, secret)
    return response


@blueprint.post("/logout")
@needs(None)
def log_out() -> AnyResponse:
    """End the session."""
    response = redirect("/login", 303)
    end_session(response)
    return response


def _own_path(text: str | None) -> str:
    return text if text and _OWN_PATH.fullmatch(text) else "/"
