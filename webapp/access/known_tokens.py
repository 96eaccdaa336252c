"""The access tokens as a process knows them: asked for seldom, never long out of date."""

from __future__ import annotations

import time
from hmac import compare_digest

from batchwell.access_tokens import AccessToken, digest_of
from batchwell.errors import StoreUnavailable
from batchwell.store import Store

KNOWN_SECONDS = 2.0
"""For so long a process goes by what it knows: within it, a revoked token is refused."""

_NEW_SECONDS = 0.2


def mark_of(token: AccessToken) -> str:
    """Return what tells a token from all others, the one that had its name before included."""
    return token.digest[:32]


class KnownTokens:
    """What the store has of tokens.

    One request in `KNOWN_SECONDS` pays a round trip for all others. A token that is not known is
    looked for at once, so that a new one works at once, though not more often than every fifth of
    a second.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._by_digest: dict[str, AccessToken] | None = None
        self._asked_at = 0.0

    def exist(self) -> bool:
        """Tell whether there is any token, were it an expired one; raises `StoreUnavailable`.

        Time alone thus never opens an app that asked for tokens.
        """
        return bool(self._known(KNOWN_SECONDS))

    def find(self, secret: str) -> AccessToken | None:
        """Return the valid token of a secret; raises `StoreUnavailable`."""
        digest = digest_of(secret)
        token = self._known(KNOWN_SECONDS).get(digest) or self._known(_NEW_SECONDS).get(digest)
        return None if token is None or token.is_expired else token

    def find_marked(self, mark: str) -> AccessToken | None:
        """Return the valid token that a session began with, by its `mark_of`."""
        for token in self._known(KNOWN_SECONDS).values():
            if compare_digest(mark_of(token), mark):
                return None if token.is_expired else token
        return None

    def _known(self, seconds: float) -> dict[str, AccessToken]:
        known = self._by_digest
        if known is None or time.monotonic() - self._asked_at > seconds:
            return self._ask(known)
        return known

    def _ask(self, known: dict[str, AccessToken] | None) -> dict[str, AccessToken]:
        asked_at = time.monotonic()
        try:
            found = {token.digest: token for token in self._store.tokens()}
        except StoreUnavailable:
            # Whether a token still holds must be known. Where there was none, the app stays as
            # it is: what it has for anyone is in the same store.
            if known is None or known:
                raise
            found = known
        self._by_digest, self._asked_at = found, asked_at
        return found
