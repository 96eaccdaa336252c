"""Cross-origin calls (CORS): the sites of BATCHWELL_CORS_ORIGINS may call and read the answers.

They bring a token of their own: cookies are not let across, so a session never is.
"""

from __future__ import annotations

from flask import Flask, Response, request

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, DELETE",
    "Access-Control-Allow-Headers": (
        "Authorization, Content-Type, Cache-Control, If-None-Match, Prefer, Idempotency-Key, "
        "Last-Event-ID, X-Request-ID"
    ),
    "Access-Control-Max-Age": "7200",
}
_EXPOSED = (
    "ETag, Age, Location, Link, Retry-After, RateLimit, RateLimit-Policy, Preference-Applied, "
    "WWW-Authenticate, X-Request-ID"
)


def init_app(app: Flask, origins: frozenset[str]) -> None:
    """Answer preflights and mark answers for the origins; without any, do nothing at all."""
    if not origins:
        return

    @app.before_request
    def answer_preflight() -> Response | None:
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return Response(status=204)
        return None

    @app.after_request
    def mark(response: Response) -> Response:
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            if request.method == "OPTIONS":
                response.headers.update(_PREFLIGHT)
            else:
                response.headers["Access-Control-Expose-Headers"] = _EXPOSED
        return response
