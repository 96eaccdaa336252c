"""Pages of other sites: a browser lends them our cookie, or this machine; they get neither.

One rule stands for tokens in forms: a browser says where a request comes from (Sec-Fetch-Site, or
else Origin), no page can change that, and no program but a browser can be tricked.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from batchwell.access_tokens import Scope
from webapp.problems import Refused

_READS = ("GET", "HEAD", "OPTIONS")


def check_site(environ: dict[str, Any], needed: Scope | None, origins: frozenset[str]) -> None:
    """Raise `Refused` for what another site had a browser send.

    Let through: a link or a frame that only reads; the ``origins`` whose scripts may call; and
    whoever sends a token, which no browser does for a page by itself.
    """
    site = environ.get("HTTP_SEC_FETCH_SITE")
    origin = environ.get("HTTP_ORIGIN")
    if site is None and origin is None:
        return
    reads = environ["REQUEST_METHOD"] in _READS and needed in (Scope.READ, None)
    if site is None:
        ours = reads or _names(origin, environ.get("HTTP_HOST"))
    else:
        ours = site in ("same-origin", "none") or (
            reads and (needed is None or environ.get("HTTP_SEC_FETCH_MODE") == "navigate")
        )
    if ours or origin in origins or _bears_token(environ):
        return
    raise Refused("cross-site", "This was sent by a page of another site; nothing was done.")


def is_lent(environ: dict[str, Any], origins: frozenset[str]) -> bool:
    """Tell whether a page of one of the ``origins`` had this sent, so that a cookie counts nothing.

    A site that shares our domain, or our host with another port, is lent the cookie by the browser.
    """
    origin = environ.get("HTTP_ORIGIN")
    if origin not in origins:
        return False
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is None:
        return not _names(origin, environ.get("HTTP_HOST"))
    return site not in ("same-origin", "none")


def _names(origin: str | None, host: str | None) -> bool:
    try:
        return urlsplit(origin or "").netloc == host
    except ValueError:  # no origin at all: not ours
        return False


def _bears_token(environ: dict[str, Any]) -> bool:
    return str(environ.get("HTTP_AUTHORIZATION", ""))[:7].lower() == "bearer "
