"""gzip of large bodies, for those who accept it.

By hand, as the libraries look into every answer at length: one that is small must cost nothing.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

LEAST_BYTES = 1400
"""Less fits into one packet in any case."""

# In half the time of the usual 6, and JSON is hardly larger.
_LEVEL = 4
_TYPES = (
    "application/json",
    "application/problem+json",
    "image/svg+xml",
    "text/html",
    "text/plain",
)


def init_app(app: Flask) -> None:
    """Have the answers of ``app`` compressed where it is worth it."""
    app.after_request(compress)


def compress(response: Response) -> Response:
    """Compress the body unless it is small, streamed, a file, compressed already or refused so.

    Not streams: their parts must come when they are sent.
    """
    body = response.response
    if type(body) is not list or response.direct_passthrough:
        return response
    if sum(map(len, body)) < LEAST_BYTES or response.mimetype not in _TYPES:
        return response
    response.vary.add("Accept-Encoding")
    if "Content-Encoding" in response.headers or not request.accept_encodings["gzip"]:
        return response
    response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, is_weak = response.get_etag()
    if etag and not is_weak:  # other bytes, same meaning
        response.set_etag(etag, weak=True)
    return response
