"""Connect to the server, and see what it promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import ConnectionError, ResponseError
from redis.retry import Retry

from batchwell.errors import SettingsError, StoreRefuses
from batchwell.scripts import store_errors

Client: TypeAlias = "Redis | RedisCluster"

MOST_CONNECTIONS = 32
_TURN_SECONDS = 5.0


def connect(
    url: str,
    *,
    timeout_seconds: float = 5.0,
    waiting: Callable[[], AbstractContextManager[None]] | None = None,
) -> Redis:
    """Return a client that waits ``timeout_seconds`` for an answer, and as long to connect.

    A command whose connection broke is repeated once: every script may safely be. A crowd of
    threads shares some connections, and waits its turn: that many at once would only time out.
    Each wait for the server's answer is within a ``waiting`` of its own, where one is given. Raises
    `SettingsError` for a URL that is none.
    """
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=_TURN_SECONDS,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
        )
    except ValueError:
        # Without what the driver says: it may repeat a part of the password.
        told = "it must look like redis://[user:password@]host:port/number"
        raise SettingsError(f"the Redis URL cannot be used: {told}") from None
    if waiting is not None:
        pool.connection_class = _within(waiting, pool.connection_class)
    return Redis.from_pool(pool)


def _within(waiting: Callable[[], AbstractContextManager[None]], base: type[Any]) -> type[Any]:
    class Connection(base):  # type: ignore[misc]  # the driver's, for whatever the URL leads to
        def read_response(self, *args: Any, **kwargs: Any) -> Any:
            with waiting():
                return super().read_response(*args, **kwargs)

    return Connection


def server_warnings(client: Client) -> list[str]:
    """Return a sentence for each setting of the server with which requests could be lost."""
    try:
        policy, persists = _settings(client)
    except (ResponseError, StoreRefuses):
        advice = "see that maxmemory-policy is noeviction and appendonly yes, or let it run INFO"
        return [f"the store does not tell its settings to this user: {advice}"]
    told = []
    if policy != "noeviction":
        told.append(f"maxmemory-policy is {policy}: requests may be evicted, use noeviction")
    if not persists:
        told.append("the store persists nothing: a restart loses all requests, use appendonly")
    return told


def check_durable(client: Client) -> None:
    """Raise `SettingsError` unless the server can tell when a write is on disk."""
    try:
        with store_errors():
            client.waitaof(1, 0, 1)
    except ResponseError as error:
        needs = "WAITAOF (Redis 7.2, Valkey) and appendonly yes"
        raise SettingsError(f"BATCHWELL_DURABLE needs a store with {needs}: {error}") from error


def _settings(client: Client) -> tuple[str, bool]:
    """Return the eviction policy, and whether anything is persisted.

    Least privilege withholds CONFIG, which tells passwords too. INFO knows nothing of snapshots,
    which lose minutes of requests anyway.
    """
    try:
        policy, appendonly, save = (
            _setting(client, name) for name in ("maxmemory-policy", "appendonly", "save")
        )
        return policy, appendonly != "no" or bool(save)
    except (ResponseError, StoreRefuses):
        with store_errors():
            info: Any = client.info("everything")
        return info["maxmemory_policy"], bool(info["aof_enabled"])


def _setting(client: Client, name: str) -> str:
    with store_errors():
        found: Mapping[Any, Any] = client.config_get(name)
    return "".join(
        value.decode() if isinstance(value, bytes) else str(value) for value in found.values()
    )
