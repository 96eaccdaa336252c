"""A plain WSGI app, for tests of what serves it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from serving import connection

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

connection.HEAD_SECONDS = 1.0  # not ten, for the tests' sake
LARGE = 8_000_000


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer as the path says."""
    path = environ["PATH_INFO"]
    if path == "/breaks":
        raise RuntimeError("as asked")
    if path in ("/pieces", "/breaks-late"):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return _pieces(breaks=path == "/breaks-late")
    if path == "/sleeps":
        time.sleep(2.5)
    body = path.encode()
    if path == "/pid":
        body = str(os.getpid()).encode()
    elif path == "/echo":
        body = environ["wsgi.input"].read()
    elif path == "/large":
        body = b"x" * LARGE
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _pieces(*, breaks: bool) -> Iterator[bytes]:
    yield b"one"
    yield b""
    if breaks:
        raise RuntimeError("as asked")
    yield b"two"
