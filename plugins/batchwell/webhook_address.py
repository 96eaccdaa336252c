"""Where messages may be sent: which URLs are accepted, and which addresses are connected to.

Whoever may submit chooses the URL, and the drain worker calls it from within the network: it must
not reach what only the inside should reach.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from ipaddress import IPv4Address, IPv6Address
from typing import TypeAlias
from urllib.parse import urlsplit

from batchwell.errors import BadWebhook

Address: TypeAlias = IPv4Address | IPv6Address

MOST_CHARACTERS = 2048
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# What some versions of ``ipaddress`` count as public, and Azure's own service for its machines.
_RESERVED = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("168.63.129.16/32"))


def check_url(url: str, *, allow_private: bool) -> None:
    """Raise `BadWebhook` unless messages may be sent to the URL, as far as it can be told now.

    A name is not looked up: what it stands for is checked when it is connected to.
    ``allow_private`` lets http and private addresses pass.
    """
    if not re.fullmatch(r"[!-~]+", url) or len(url) > MOST_CHARACTERS:
        raise BadWebhook(f"must be 1 to {MOST_CHARACTERS} printable ASCII characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadWebhook(f"is no URL: {error}") from None
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        told = "https:// or http://" if allow_private else "https://"
        raise BadWebhook(f"must begin with {told}")
    if "@" in parts.netloc:
        raise BadWebhook("must not hold a user name or a password")
    if "#" in url:
        raise BadWebhook("must not have a fragment (#)")
    if port is not None and port < 1024 and port not in (80, 443):
        raise BadWebhook("must have the port 80, 443 or one from 1024 on")
    _check_host(parts.hostname or "", allow_private=allow_private)


def _check_host(host: str, *, allow_private: bool) -> None:
    if not re.fullmatch(r"[a-z0-9._-]{1,253}|[0-9a-f:.]+", host):
        raise BadWebhook("must name a host, in ASCII letters")
    literal = _literal(host)
    if allow_private:
        return
    if literal is None and re.search(r"(^|\.)localhost\.?$", host):
        raise BadWebhook("must not name this machine")
    if literal is not None and not is_public(literal):
        raise BadWebhook(f"must not lead to {literal}, which is no public address")


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet, also within its IPv6 wrappings."""
    if isinstance(address, IPv4Address):
        reserved = address.is_multicast or any(address in network for network in _RESERVED)
        return address.is_global and not reserved
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    for wrapped in (address.ipv4_mapped, address.sixtofour):
        if wrapped is not None:
            return is_public(wrapped)
    return address in _GLOBAL_UNICAST and address.is_global and address.teredo is None


def _literal(host: str) -> Address | None:
    """Return the address that a host spells; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:  # as resolvers do: 127.1, 0x7f000001, 2130706433
        return IPv4Address(socket.inet_aton(host.removesuffix(".")))
    except OSError:
        return None
