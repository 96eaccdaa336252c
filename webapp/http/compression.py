"""gzip of large bodies, for those who accept it.

By hand, as the libraries look into every answer at length: one that is small must cost nothing.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LEAST_BYTES = 1400
"""Less fits into one packet in any case."""

# In half the time of the usual 6, and JSON is hardly larger.
_LEVEL = 4
_HEAD = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255))
_MOST_STORED = 65535
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
    if "Content-Encoding" in response.headers or not accepts_gzip(request.environ):
        return response
    response.set_data(gzip.compress(response.get_data(), _LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, is_weak = response.get_etag()
    if etag and not is_weak:  # other bytes, same meaning
        response.set_etag(etag, weak=True)
    return response


def accepts_gzip(environ: WSGIEnvironment) -> bool:
    """Tell whether who asks accepts a body that is compressed by gzip."""
    return _has_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))


@lru_cache(maxsize=256)
def _has_gzip(accepted: str) -> bool:
    return bool(parse_accept_header(accepted, Accept)["gzip"])


class GzippedAround:
    """A body that was compressed once, but for a short part in its middle that changes."""

    def __init__(self, before: bytes, behind: bytes) -> None:
        """Compress what does not change."""
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        # Flushed to a whole byte, so that the next block can be put behind it as it is.
        self._before = _HEAD + packer.compress(before) + packer.flush(zlib.Z_SYNC_FLUSH)
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._behind = packer.compress(behind) + packer.flush()
        self._checksum = zlib.crc32(before)
        self._plain_behind = behind
        self._size = len(before) + len(behind)

    def around(self, middle: bytes) -> bytes:
        """Return the body with this in its middle, of 64 KB at most."""
        size = len(middle)
        checksum = zlib.crc32(self._plain_behind, zlib.crc32(middle, self._checksum))
        stored = struct.pack("<BHH", 0, size, size ^ _MOST_STORED)
        end = struct.pack("<II", checksum, self._size + size)
        return b"".join((self._before, stored, middle, self._behind, end))
