"""Access tokens in the store: kept by digest, unique by name, ended by the store's clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis

from batchwell.access_tokens import PREFIX, AccessToken, Scope, digest_of, new_secret
from batchwell.errors import TokenExists, UnknownToken
from batchwell.store import Store

LIFETIME = timedelta(days=90)


def test_token_is_kept_with_all_that_its_scopes_imply(store: Store) -> None:
    granted = store.grant("ci", digest_of(new_secret()), [Scope.SUBMIT], lifetime=LIFETIME)
    assert store.tokens() == [granted]
    assert granted.scopes == {Scope.READ, Scope.SUBMIT}
    assert granted.expires_at == granted.created_at + LIFETIME
    assert not granted.is_expired


def test_secret_is_nowhere_in_the_store(store: Store, redis: Redis, namespace: str) -> None:
    secret = new_secret()
    assert secret.startswith(PREFIX)
    store.grant("ci", digest_of(secret), [Scope.ADMIN])
    kept = str([redis.hgetall(name) for name in redis.scan_iter(f"{namespace}:*")])
    assert digest_of(secret) in kept
    assert secret not in kept
    assert secret.removeprefix(PREFIX) not in kept


def test_name_is_given_once_whoever_asks_first(store: Store, second_store: Store) -> None:
    first = store.grant("ci", digest_of(new_secret()), [Scope.READ])
    with pytest.raises(TokenExists, match="'ci' already"):
        second_store.grant("ci", digest_of(new_secret()), [Scope.ADMIN])
    assert store.tokens() == [first]


def test_revoked_token_is_gone_and_its_name_free(store: Store) -> None:
    store.grant("ci", digest_of(new_secret()), [Scope.READ])
    store.revoke("ci")
    assert store.tokens() == []
    with pytest.raises(UnknownToken, match="'ci'"):
        store.revoke("ci")
    store.grant("ci", digest_of(new_secret()), [Scope.READ])


def test_expired_token_is_listed_as_such(store: Store) -> None:
    past = store.grant("past", digest_of(new_secret()), [Scope.READ], lifetime=timedelta(0))
    store.grant("future", digest_of(new_secret()), [Scope.READ], lifetime=timedelta(minutes=1))
    assert [(token.name, token.is_expired) for token in store.tokens()] == [
        ("future", False),
        ("past", True),
    ]
    assert past.expires_at is not None


def test_record_survives_its_encoding(store: Store) -> None:
    token = store.grant("ci", digest_of(new_secret()), [Scope.READ], lifetime=LIFETIME)
    assert AccessToken.decode("ci", token.encode(), token.created_at) == token
