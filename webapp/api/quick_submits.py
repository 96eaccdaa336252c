"""Decides plain submits before Flask's dispatch, which would cost as much as all that they need.

A submit that says nothing beside its body is read, decided and answered here by the same parts that
its route is made of. All else leads to the route, and what goes wrong is told there.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from werkzeug.http import HTTP_STATUS_CODES

from batchwell.access_tokens import Scope
from batchwell.parameters import MAX_BYTES
from webapp.access.guard import Guard
from webapp.api import PREFIX
from webapp.api.submissions import DECIDED, SUBMIT, answer_to
from webapp.asking import ask
from webapp.context import Context
from webapp.http.compression import LEAST_BYTES
from webapp.http.json_body import decode
from webapp.http.quick_reads import TELLING
from webapp.http.submit_body import SubmitBody, check_members
from webapp.monitoring.matching import MATCHED, Matched

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_TELLING = TELLING | {"HTTP_CONTENT_ENCODING", "HTTP_IDEMPOTENCY_KEY"}


class QuickSubmits:
    """A WSGI application around Flask's own."""

    def __init__(self, app: WSGIApplication, context: Context, guard: Guard) -> None:
        self._app = app
        self._context = context
        self._guard = guard
        self._asked = {
            f"{PREFIX}/computations/{name}/requests": (computation, Matched(SUBMIT, {"name": name}))
            for name, computation in context.registry.computations.items()
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        asked = self._asked.get(environ.get("PATH_INFO", ""))
        if asked is None or not _is_plain(environ):
            return self._app(environ, start_response)
        computation, environ[MATCHED] = asked
        text = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(text)  # for the route, if it comes to that
        caller = self._guard.quick_caller(environ, Scope.SUBMIT)
        if caller is None:
            return self._app(environ, start_response)
        try:
            body = check_members(SubmitBody, decode(text))
            if body.webhook is not None:
                return self._app(environ, start_response)
            submission = ask(
                self._context,
                computation,
                computation.parse(body.params),
                priority=body.priority,
                max_age_seconds=body.max_age,
                expires_seconds=body.expires_in,
                with_record=True,
                environ=environ,
            )
            answer = answer_to(submission, self._context)
        except Exception as error:  # noqa: BLE001  # whatever it is, the route tells it
            environ[DECIDED] = error
            return self._app(environ, start_response)
        if len(answer.body) >= LEAST_BYTES:  # may be compressed
            environ[DECIDED] = answer
            return self._app(environ, start_response)
        headers = [*answer.headers.items(), ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {HTTP_STATUS_CODES[answer.status].upper()}", headers)
        return [answer.body]


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Tell whether the request is a submit that says nothing beside its body."""
    if environ["REQUEST_METHOD"] != "POST" or environ.get("QUERY_STRING"):
        return False
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ.get("CONTENT_TYPE") == "application/json"
        and length.isdecimal()
        and int(length) <= MAX_BYTES
        and _TELLING.isdisjoint(environ)
    )
