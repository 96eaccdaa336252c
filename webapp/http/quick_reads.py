"""Answers again, before Flask's dispatch, what is asked again while nothing about it has changed.

A read whose result is remembered (`ResultMemory`) was answered by its route once; what that
answer said is sent again, but for its age. Whatever a caller says beside the URL, but for his
token, leads to the route.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request

from batchwell.access_tokens import Scope
from batchwell.documents import result_texts
from batchwell.policy import Policy
from batchwell.result_memory import Remembered
from webapp.access.caller import Caller
from webapp.access.guard import Guard
from webapp.context import Context
from webapp.http.caching import HELD_SECONDS, age_headers, for_whom
from webapp.http.compression import LEAST_BYTES, GzippedAround, accepts_gzip
from webapp.monitoring.matching import MATCHED, Matched, matched
from webapp.monitoring.noting import note_read

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST_ANSWERS = 10_000

_REMEMBERED = "batchwell.remembered"
TELLING = frozenset(
    {
        "HTTP_CACHE_CONTROL",
        "HTTP_COOKIE",
        "HTTP_IF_NONE_MATCH",
        "HTTP_ORIGIN",
        "HTTP_PREFER",
        "HTTP_SEC_FETCH_SITE",
    }
)
"""What a route answers differently, and what may tell of a session."""

_AGING = frozenset({"Age", "Cache-Control", "Content-Length", "Content-Encoding"})
_AGE_BYTES = 20
_MOST_BYTES = 16 * 1024
"""What an answer may have: each process holds `MOST_ANSWERS` of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered: the result, the route, and all that does not age.

    ``gzipped``: where it is worth it, the same for those who accept that.
    """

    known: Remembered
    policy: Policy
    matched: Matched
    headers: list[tuple[str, str]]
    before_age: bytes
    behind_age: bytes
    gzipped: GzippedAround | None


class QuickReads:
    """A WSGI application around Flask's own."""

    def __init__(self, app: WSGIApplication, context: Context, guard: Guard) -> None:
        self._app = app
        self._context = context
        self._guard = guard
        self._answers: dict[tuple[str, str], Answer] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request."""
        if environ["REQUEST_METHOD"] != "GET" or not TELLING.isdisjoint(environ):
            return self._app(environ, start_response)
        asked = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        answer = self._answers.get(asked)
        if answer is not None:
            caller = self._guard.quick_caller(environ, Scope.READ)
            now = None if caller is None else self._context.memory.moment_of(answer.known)
            if caller is not None and now is not None:
                return self._answer(answer, now, caller, environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Any:
            if _REMEMBERED in environ and status == "200 OK":
                self._keep(asked, environ, headers)
            return start_response(status, headers, exc_info)

        return self._app(environ, start)

    def _answer(
        self,
        answer: Answer,
        now: float,
        caller: Caller,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        result = answer.known.result
        environ[MATCHED] = answer.matched
        note_read(self._context, result.computation, result)
        age_seconds = round(now - result.computed_at, 3)
        age, control = age_headers(result, answer.policy, now, held_seconds=HELD_SECONDS)
        headers = [*answer.headers, ("Age", age), ("Cache-Control", for_whom(control, caller))]
        if answer.gzipped is not None and accepts_gzip(environ):
            body = answer.gzipped.around(b"%a" % age_seconds)
            headers.append(("Content-Encoding", "gzip"))
        else:
            body = b"%b%a%b" % (answer.before_age, age_seconds, answer.behind_age)
        headers.append(("Content-Length", str(len(body))))
        start_response("200 OK", headers)
        return [body]

    def _keep(
        self, asked: tuple[str, str], environ: WSGIEnvironment, headers: list[tuple[str, str]]
    ) -> None:
        known, policy = environ[_REMEMBERED]
        before_age, behind_age = result_texts(known.result)
        size = len(before_age) + len(behind_age) + _AGE_BYTES
        if size > _MOST_BYTES:
            return
        if len(self._answers) >= MOST_ANSWERS:
            self._answers.clear()
        self._answers[asked] = Answer(
            known=known,
            policy=policy,
            matched=matched(environ),
            headers=[header for header in headers if header[0] not in _AGING],
            before_age=before_age,
            behind_age=behind_age,
            gzipped=GzippedAround(before_age, behind_age) if size >= LEAST_BYTES else None,
        )


def may_answer_again(known: Remembered, policy: Policy) -> None:
    """Let the answer to this request, which tells a result and nothing else, be sent again."""
    request.environ[_REMEMBERED] = known, policy
