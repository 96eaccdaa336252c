"""See every HTTP request: count it, time it, give it a trace, and write its log line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from batchwell.log_lines import current_trace
from batchwell.settings import AccessLog
from webapp.context import Context
from webapp.monitoring.access_line import QUIET, is_news, write_line
from webapp.monitoring.matching import matched
from webapp.monitoring.tracing import GIVEN, given_trace, new_trace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})


def init_app(app: Flask, context: Context) -> None:
    """Observe all that ``app`` answers, from the outside: errors and redirects too."""
    answer_it, tallies, access_log = app.wsgi_app, context.tallies, context.settings.access_log
    tells_all, tells_most = access_log is AccessLog.ALL, access_log is AccessLog.MOST

    def observed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        trace = ""
        if "HTTP_X_REQUEST_ID" in environ or "HTTP_TRACEPARENT" in environ:
            environ[GIVEN] = trace = given_trace(environ)
        trace = trace or new_trace()
        current_trace.set(trace)

        def start(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
        ) -> Callable[[bytes], object]:
            seconds = time.perf_counter() - started
            headers.append(("X-Request-ID", trace))
            route = matched(environ).route
            method = environ["REQUEST_METHOD"]
            method = method if method in _METHODS else "other"
            tallies.observe(seconds, "http", method, route, status[:3])
            if tells_all or (tells_most and (route not in QUIET or is_news(environ, status))):
                write_line(environ, context.registry, method, route, status, headers, seconds)
            return start_response(status, headers, exc_info)

        return answer_it(environ, start)

    app.wsgi_app = observed  # type: ignore[method-assign]  # the way that Flask documents
