"""How far the web app can be reached, and that what others can reach needs tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from batchwell.errors import SettingsError

if TYPE_CHECKING:
    from batchwell.store import Store

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[1-9][0-9]{0,4})?|https?://\[[0-9a-f:]+\](:[0-9]+)?")
_RATE = re.compile(r"[1-9][0-9]{0,8}/(second|minute|hour|day)")
_LEAST_KEY = 32


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Tell whether only this machine can be meant by an address or a name."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return host.lower() == "localhost"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback


def check_exposure(host: str, store: Store) -> None:
    """Raise `SettingsError` where others could reach an app that asks nobody who he is.

    Raises `StoreUnavailable` where that cannot be told now.
    """
    if not is_loopback(host) and not store.tokens():
        raise SettingsError(
            f"BATCHWELL_HOST={host} lets others in and there is no token yet: start without it, "
            "run 'batchwell token create NAME --scopes admin', then start again"
        )


def read_host(env: Mapping[str, str]) -> str:
    """Return BATCHWELL_HOST, the address to listen on."""
    text = env.get("BATCHWELL_HOST") or "127.0.0.1"
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252})", text):
            return text
    raise SettingsError(f"BATCHWELL_HOST must be an address or a host's name, not {text!r}")


def read_proxies(env: Mapping[str, str]) -> int:
    """Return BATCHWELL_PROXIES, how many proxies in front are to be believed."""
    text = env.get("BATCHWELL_PROXIES") or "0"
    if re.fullmatch(r"[0-9]", text):
        return int(text)
    raise SettingsError(f"BATCHWELL_PROXIES must be a number from 0 to 9, not {text!r}")


def read_cors_origins(env: Mapping[str, str]) -> frozenset[str]:
    """Return BATCHWELL_CORS_ORIGINS, the sites whose scripts may call the API."""
    origins = (env.get("BATCHWELL_CORS_ORIGINS") or "").replace(",", " ").split()
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            told = "must be exact origins such as https://app.example.org"
            raise SettingsError(f"BATCHWELL_CORS_ORIGINS {told}, not {origin!r}")
    return frozenset(origins)


def read_rate_limit(env: Mapping[str, str]) -> str:
    """Return BATCHWELL_RATE_LIMIT, what one caller may ask; empty: as much as he likes."""
    text = (env.get("BATCHWELL_RATE_LIMIT") or "").strip()
    if not text or _RATE.fullmatch(text):
        return text
    told = "must be a number per second, minute, hour or day, such as 600/minute"
    raise SettingsError(f"BATCHWELL_RATE_LIMIT {told}, not {text!r}")


def read_secret_key(env: Mapping[str, str]) -> str:
    """Return BATCHWELL_SECRET_KEY, which signs the cookies; no error tells it."""
    text = env.get("BATCHWELL_SECRET_KEY") or ""
    if text and len(text) < _LEAST_KEY:
        raise SettingsError(f"BATCHWELL_SECRET_KEY must have {_LEAST_KEY} characters at least")
    return text


def netloc(host: str, port: int) -> str:
    """Return host and port as a URL and gunicorn spell them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def host_of(url: str) -> str:
    """Return the host that a URL names, in lower case."""
    return urlsplit(url).hostname or ""
