"""The access tokens as a process knows them: asked for seldom, never long out of date."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from batchwell.access_tokens import AccessToken, digest_of
from batchwell.errors import StoreUnavailable
from batchwell.store import Store
from webapp.access.caller import Caller

KNOWN_SECONDS = 2.0
"""For so long a process goes by what it knows: within it, a revoked token is refused."""

_NEW_SECONDS = 0.2


class _Known(NamedTuple):
    """What was last heard: whether there are tokens, and the callers of those that are valid."""

    exist: bool
    by_digest: dict[str, Caller]
    by_mark: dict[str, Caller]


def mark_of(digest: str) -> str:
    """Return what a session's cookie has of its token.

    It tells the token from all others, the one that had its name before included.
    """
    return digest[:32]


class KnownTokens:
    """What the store has of tokens.

    One request in `KNOWN_SECONDS` pays a round trip for all others. A token that is not known is
    looked for at once, so that a new one works at once, though not more often than every fifth of
    a second.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: _Known | None = None
        self._asked_at = 0.0

    def exist(self) -> bool:
        """Tell whether there is any token, were it an expired one; raises `StoreUnavailable`.

        Time alone thus never opens an app that asked for tokens.
        """
        return self._no_older_than(KNOWN_SECONDS).exist

    def find(self, secret: str) -> Caller | None:
        """Return who bears this secret of a valid token; raises `StoreUnavailable`."""
        digest = digest_of(secret)
        caller = self._no_older_than(KNOWN_SECONDS).by_digest.get(digest)
        return caller or self._no_older_than(_NEW_SECONDS).by_digest.get(digest)

    def find_marked(self, mark: str) -> Caller | None:
        """Return who has the session of this mark; raises `StoreUnavailable`."""
        return self._no_older_than(KNOWN_SECONDS).by_mark.get(mark)

    def _no_older_than(self, seconds: float) -> _Known:
        known = self._known
        if known is None or time.monotonic() - self._asked_at > seconds:
            return self._ask(known)
        return known

    def _ask(self, known: _Known | None) -> _Known:
        asked_at = time.monotonic()
        try:
            found = _sort(self._store.tokens())
        except StoreUnavailable:
            # Whether a token still holds must be known. Where there was none, the app stays as
            # it is: what it has for anyone is in the same store.
            if known is None or known.exist:
                raise
            found = known
        self._known, self._asked_at = found, asked_at
        return found


def _sort(tokens: Sequence[AccessToken]) -> _Known:
    valid = [token for token in tokens if not token.is_expired]
    return _Known(
        exist=bool(tokens),
        by_digest={each.digest: Caller(name=each.name, scopes=each.scopes) for each in valid},
        by_mark={
            mark_of(each.digest): Caller(name=each.name, scopes=each.scopes, has_session=True)
            for each in valid
        },
    )
