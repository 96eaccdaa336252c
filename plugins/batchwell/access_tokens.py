"""Bearer tokens: what they allow, how they are made, and what is kept of them."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

PREFIX = "bw_"
"""What every secret begins with, so that scanners of code and logs can find one."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,62}")


class Scope(StrEnum):
    """What a token allows: admin implies submit, which implies read."""

    READ = "read"
    SUBMIT = "submit"
    ADMIN = "admin"


_IMPLIED = {
    Scope.READ: {Scope.READ},
    Scope.SUBMIT: {Scope.READ, Scope.SUBMIT},
    Scope.ADMIN: set(Scope),
}


def with_implied(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """Return the scopes and all that they imply."""
    return frozenset(implied for scope in scopes for implied in _IMPLIED[scope])


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What the store keeps of a token: never its secret, only what `digest_of` makes of it.

    ``is_expired`` is as the store's clock had it when it was asked.
    """

    name: str
    digest: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    is_expired: bool = False

    def encode(self) -> str:
        """Return the record that the store keeps under the name."""
        return json.dumps(
            {
                "digest": self.digest,
                "scopes": sorted(self.scopes),
                "created_at": self.created_at.timestamp(),
                "expires_at": self.expires_at and self.expires_at.timestamp(),
            }
        )

    @classmethod
    def decode(cls, name: str, record: str, now: datetime) -> AccessToken:
        """Read a record of the store, whose clock says ``now``."""
        has = json.loads(record)
        expires_at = None if has["expires_at"] is None else _date(has["expires_at"])
        return cls(
            name=name,
            digest=has["digest"],
            scopes=with_implied(Scope(scope) for scope in has["scopes"]),
            created_at=_date(has["created_at"]),
            expires_at=expires_at,
            is_expired=expires_at is not None and expires_at <= now,
        )


def is_token_name(name: str) -> bool:
    """Tell whether a token may be called so: names stand in lists, logs and keys of limits."""
    return _NAME.fullmatch(name) is not None


def new_secret() -> str:
    """Return a secret of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    """Return what is kept of a secret: its SHA-256.

    A slow, salted hash (bcrypt, Argon2) protects passwords, of which there are few enough to try
    them all. Of 256 random bits there are not: no guess is ever right, however fast it is made,
    and no two secrets are the same. So the fast hash is as safe, and slows no request down.

    Finding a token by its digest takes no time that would help a guesser: who sends a secret
    cannot choose its digest, and so cannot come nearer to a known one digit by digit.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
