"""The ids of requests and workers."""

from __future__ import annotations

import base64
import os
import secrets
import socket

from batchwell.errors import UnknownDelivery, UnknownRequest


def new_token() -> str:
    """Return 16 random characters (80 bits): a request's name within its computation."""
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def request_id(computation: str, token: str) -> str:
    """Return the id that users see; it names the computation, so that any server can find it."""
    return f"{computation}-{token}"


def split_request_id(text: str) -> tuple[str, str]:
    """Return (computation, token); raise `UnknownRequest` for what cannot be an id."""
    computation, dash, token = text.rpartition("-")
    if not (computation and dash and len(token) == 16 and token.isascii() and token.isalnum()):
        raise UnknownRequest(text)
    return computation, token


def split_delivery_id(text: str) -> tuple[str, str]:
    """Return (computation, name within it); raise `UnknownDelivery` for what cannot be an id.

    The id is that of the request, and which of its URLs is meant.
    """
    request, _, number = text.rpartition("-")
    try:
        computation, token = split_request_id(request)
    except UnknownRequest:
        raise UnknownDelivery(text) from None
    if not (0 < len(number) <= 2 and number.isascii() and number.isdigit()):
        raise UnknownDelivery(text)
    return computation, f"{token}-{number}"


def new_worker_id() -> str:
    """Return a name for this drain worker that tells a person where it runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
