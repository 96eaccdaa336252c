"""Send one message to one URL, to an address that was checked, within a bounded time."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime

import certifi
import httpx

from batchwell import __version__
from batchwell.deliveries import BUSY, Answer
from batchwell.errors import BadWebhook
from batchwell.webhook_address import Address, check_url, is_public

TOTAL_SECONDS = 10.0
"""From looking the name up to the answer's head, however slowly a receiver drips."""

_CONNECT_SECONDS = 4.0
_MOST_ADDRESSES = 3


def open_transport() -> httpx.AsyncHTTPTransport:
    """Return what makes the calls: no proxy of the environment, no redirects, no cookies.

    Connections are not kept: a kept one is known by its address alone, and would be used for
    whatever other name has the same.
    """
    context = ssl.create_default_context()  # what this machine trusts, and what certifi does
    context.load_verify_locations(certifi.where())
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=limits)


async def post(
    transport: httpx.AsyncHTTPTransport,
    url: str,
    payload: bytes,
    headers: Mapping[str, str],
    *,
    allow_private: bool,
) -> Answer:
    """Send the message; return what it met with. Never raises for what a receiver does.

    The name is looked up once, and the address that was checked is the one connected to: the
    certificate is checked against the name. Of the answer only its head is read.
    """
    try:
        check_url(url, allow_private=allow_private)
        async with asyncio.timeout(TOTAL_SECONDS):
            target = httpx.URL(url)
            addresses = await _look_up(target, allow_private=allow_private)
            return await _post_to_first(transport, target, addresses, payload, headers)
    except TimeoutError:
        return Answer(error=f"no answer within {TOTAL_SECONDS:.0f} seconds")
    except BadWebhook as error:
        return Answer(error=f"the URL {error}")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        return Answer(error=_told(error))


async def _look_up(target: httpx.URL, *, allow_private: bool) -> Sequence[Address]:
    port = target.port or (443 if target.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(target.host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(place[4][0]).partition("%")[0]) for place in found]
    allowed = [address for address in addresses if allow_private or is_public(address)]
    if not allowed:
        raise BadWebhook(f"leads to {addresses[0]}, which is no public address")
    return allowed[:_MOST_ADDRESSES]


async def _post_to_first(
    transport: httpx.AsyncHTTPTransport,
    target: httpx.URL,
    addresses: Sequence[Address],
    payload: bytes,
    headers: Mapping[str, str],
) -> Answer:
    """Send to the first of the addresses that can be connected to."""
    for address in addresses[:-1]:
        try:
            return await _post_to(transport, target, address, payload, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await _post_to(transport, target, addresses[-1], payload, headers)


async def _post_to(
    transport: httpx.AsyncHTTPTransport,
    target: httpx.URL,
    address: Address,
    payload: bytes,
    headers: Mapping[str, str],
) -> Answer:
    request = httpx.Request(
        "POST",
        target.copy_with(host=str(address)),
        headers={
            "Host": target.netloc.decode(),
            "Content-Type": "application/json",
            "User-Agent": f"Batchwell/{__version__}",
            **headers,
        },
        content=payload,
        extensions={
            "sni_hostname": target.host.rstrip("."),
            "timeout": {"connect": _CONNECT_SECONDS, "read": TOTAL_SECONDS},
        },
    )
    response = await transport.handle_async_request(request)
    await response.aclose()
    status = response.status_code
    return Answer(
        status=status,
        error="" if 200 <= status < 300 else f"answered {status}{_advice(status)}",
        retry_after_seconds=(
            _retry_after(response.headers.get("Retry-After")) if status in BUSY else None
        ),
    )


def _advice(status: int) -> str:
    return ", and redirects are not followed" if 300 <= status < 400 else ""


def _retry_after(text: str | None) -> float | None:
    """Return the seconds of a ``Retry-After``: a number, or a date; None for what is neither."""
    if text is None:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):  # a date may be too far away to be one
        return None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")
