"""Give the store its first access token, without which the web app is not open to others."""

from __future__ import annotations

from collections.abc import Mapping

from batchwell.access_tokens import PREFIX, Scope, digest_of
from batchwell.connection import connect
from batchwell.container.problems_at_start import CannotStart, await_store, check_secrets
from batchwell.settings import Settings
from batchwell.store import Store

NAME = "first"


def run(env: Mapping[str, str]) -> None:
    """Grant BATCHWELL_FIRST_TOKEN all scopes where there is no token; leave any others alone.

    As the operator: no other user of the store may write a token. Once revoked, beside others,
    it does not come back.
    """
    check_secrets(env, "BATCHWELL_FIRST_TOKEN")
    secret = env["BATCHWELL_FIRST_TOKEN"]
    if not secret.startswith(PREFIX):
        raise CannotStart(f"BATCHWELL_FIRST_TOKEN must begin with {PREFIX}: run scripts/secrets")
    settings = Settings.from_env(env)
    await_store(settings.redis_url, settings.namespace)
    with connect(settings.redis_url) as client:
        store = Store(client, namespace=settings.namespace)
        if not store.tokens():
            store.grant(NAME, digest_of(secret), [Scope.ADMIN])
