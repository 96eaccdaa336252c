"""An open app serves this machine alone, whatever it was told to listen on."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from batchwell.exposure import host_of, is_loopback
from batchwell.settings import Settings
from webapp.problems import Refused

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
_REMEDY = "Create a token to let others in: batchwell token create NAME --scopes read."


def check_local(environ: dict[str, Any], settings: Settings) -> None:
    """Raise `Refused` unless the peer is on this machine, and its browser means this machine.

    A page of another site can give its own name this machine's address (DNS rebinding), and then
    passes for the same site; the Host header still has that name. A proxy on this machine passes
    others on as if they were here; what it adds gives it away, unless it is to be believed
    (BATCHWELL_PROXIES), for then the peer is known.
    """
    peer = environ.get("REMOTE_ADDR", "")
    if not is_loopback(peer):
        raise Refused("not-local", f"This app serves its own machine, not {peer}. {_REMEDY}")
    if not settings.proxies and any(name in environ for name in _FORWARDED):
        raise Refused("not-local", f"This app serves its own machine, not a proxy. {_REMEDY}")
    host = environ.get("HTTP_HOST", "")
    if host and not _is_own(host, settings.url):
        raise Refused(
            "not-local",
            f"The Host header names {host}, which is neither this machine nor in BATCHWELL_URL.",
        )


@lru_cache(maxsize=256)
def _is_own(host: str, url: str) -> bool:
    try:
        name = host_of(f"//{host}")
    except ValueError:
        return False
    return is_loopback(name) or name == host_of(url)
