"""Sessions of the pages: a signed cookie that names a token, and ends with it."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp

from flask import Request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from batchwell.access_tokens import digest_of
from batchwell.errors import SettingsError
from batchwell.settings import Settings
from webapp.access.caller import Caller
from webapp.access.known_tokens import KnownTokens, mark_of

SESSION_SECONDS = 12 * 3600
"""How long a session lasts: a working day."""


def begin_session(response: Response, request: Request, settings: Settings, secret: str) -> None:
    """Give the browser the cookie: for this site's own pages, out of the reach of scripts."""
    secure = _is_secure(request, settings)
    response.set_cookie(
        _cookie_name(secure),
        _signer(settings).dumps(mark_of(digest_of(secret))),
        max_age=SESSION_SECONDS,
        secure=secure,
        httponly=True,
        samesite="Strict",
    )


def end_session(response: Response) -> None:
    """Take the cookie back."""
    for secure in (True, False):
        response.delete_cookie(
            _cookie_name(secure), secure=secure, httponly=True, samesite="Strict"
        )


def session_caller(request: Request, settings: Settings, known: KnownTokens) -> Caller | None:
    """Return who has the request's session, if it has one; raises `StoreUnavailable`."""
    cookie = request.cookies.get(_cookie_name(_is_secure(request, settings)))
    if cookie is None:
        return None
    try:
        mark = _signer(settings).loads(cookie, max_age=SESSION_SECONDS)
    except BadData:
        return None
    return known.find_marked(mark)


def _cookie_name(secure: bool) -> str:
    # With the prefix a browser takes it from this very host only, and over https only.
    return "__Host-batchwell" if secure else "batchwell"


def _is_secure(request: Request, settings: Settings) -> bool:
    return request.is_secure or settings.url.startswith("https://")


@lru_cache(maxsize=8)
def _signer(settings: Settings) -> URLSafeTimedSerializer:
    key = settings.secret_key or _key_of(settings.home)
    return URLSafeTimedSerializer(key, "session", signer_kwargs={"digest_method": sha256})


def _key_of(home: Path) -> str:
    """Return the key that is kept in the home; of all who would make it, the first one does."""
    path = home / "session.key"
    try:
        if not path.exists():
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            number, fresh = mkstemp(dir=home)  # readable by its owner only
            with os.fdopen(number, "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                path.hardlink_to(fresh)
            os.unlink(fresh)
        return path.read_text()
    except OSError as error:
        raise SettingsError(
            f"the key that signs sessions cannot be kept in BATCHWELL_HOME ({error.strerror}): "
            "set BATCHWELL_SECRET_KEY"
        ) from error
