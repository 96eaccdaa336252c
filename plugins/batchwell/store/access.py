"""The verbs of access tokens: grant one, list them, revoke one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from batchwell import keys
from batchwell.access_tokens import AccessToken, Scope, with_implied
from batchwell.errors import TokenExists, UnknownToken
from batchwell.scripts import store_errors
from batchwell.store.door import Door


class Access(Door):
    """Who may ask the web app for what. Each verb is one command: no script is needed."""

    def grant(
        self, name: str, digest: str, scopes: Iterable[Scope], *, lifetime: timedelta | None = None
    ) -> AccessToken:
        """Keep a new token, by the digest of its secret. Atomic; raises `TokenExists`.

        The store's own clock counts the ``lifetime``; None: until it is revoked.
        """
        now = self._now()
        token = AccessToken(
            name=name,
            digest=digest,
            scopes=with_implied(scopes),
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
        )
        with store_errors():
            added = self.client.hsetnx(keys.access(self.namespace), name, token.encode())
        if not added:
            raise TokenExists(name)
        return token

    def revoke(self, name: str) -> None:
        """Forget a token: no request that bears it is served from now on. Raises `UnknownToken`.

        A web app notices within `webapp.access.known_tokens.KNOWN_SECONDS`.
        """
        with store_errors():
            removed = self.client.hdel(keys.access(self.namespace), name)
        if not removed:
            raise UnknownToken(name)

    def tokens(self) -> list[AccessToken]:
        """Return all tokens by name, those that have expired included."""
        with store_errors():
            records: Any = self.client.hgetall(keys.access(self.namespace))
        if not records:
            return []
        now = self._now()
        return [
            AccessToken.decode(name.decode(), record.decode(), now)
            for name, record in sorted(records.items())
        ]

    def _now(self) -> datetime:
        client: Any = self.client
        with store_errors():
            seconds, microseconds = client.execute_command("TIME")
        return datetime.fromtimestamp(seconds + microseconds / 1e6, UTC)
