"""Connect to the server, and see what it promises."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from typing import Any, ClassVar, TypeAlias
from weakref import WeakSet

from redis import ConnectionPool, Redis
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
        pool = Lines.from_url(
            url,
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


class Lines(ConnectionPool):
    """Connections that a crowd of threads shares, the one used last first.

    They are handed out without a look at them: who finds one broken makes it anew. In a forked
    process there are none of its parent's.
    """

    _all: ClassVar[WeakSet[Lines]] = WeakSet()

    def __init__(self, **kwargs: Any) -> None:
        """Take what `ConnectionPool` takes."""
        super().__init__(**kwargs)
        self._all.add(self)

    def reset(self) -> None:
        """Begin without connections."""
        super().reset()
        self._turns: SimpleQueue[None] = SimpleQueue()
        for _ in range(MOST_CONNECTIONS):
            self._turns.put(None)

    def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:
        """Return a connection for the caller alone; it connects when something is sent."""
        try:
            self._turns.get(timeout=_TURN_SECONDS)
        except Empty:
            raise ConnectionError("none of the connections to it became free") from None
        with self._lock:
            idle = self._available_connections
            connection = idle.pop() if idle else self.make_connection()
            self._in_use_connections.add(connection)
        return connection

    def release(self, connection: Any) -> None:
        """Take a connection back."""
        with self._lock:
            if connection not in self._in_use_connections:  # the parent's, of a forked process
                return
            self._in_use_connections.remove(connection)
            self._available_connections.append(connection)
        self._turns.put(None)

    @classmethod
    def forget_parents(cls) -> None:
        """Let go of what a forked process has from its parent."""
        for pool in cls._all:
            pool.reset()


os.register_at_fork(after_in_child=Lines.forget_parents)


def round_trip(client: Client, *words: str | bytes | int) -> Any:
    """Send a command, return its reply, or raise the error that it is.

    As the client's ``execute_command``, which spends three times as much around the round trip. It
    is repeated once where the connection broke.
    """
    if not isinstance(client, Redis):
        return client.execute_command(*words)
    pool = client.connection_pool
    connection = pool.get_connection()
    try:
        try:
            return _ask(connection, words)
        except ConnectionError:
            connection.disconnect()
            return _ask(connection, words)
    except ResponseError:
        raise
    except BaseException:
        connection.disconnect()
        raise
    finally:
        pool.release(connection)


def _ask(connection: Any, words: tuple[str | bytes | int, ...]) -> Any:
    connection.send_command(*words)
    return connection.read_response()


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
        with store_errors():
            told: Any = client.config_get("maxmemory-policy", "appendonly", "save")
        policy, appendonly, save = (
            _text(told, name) for name in ("maxmemory-policy", "appendonly", "save")
        )
        return policy, appendonly != "no" or bool(save)
    except (ResponseError, StoreRefuses):
        with store_errors():
            info: Any = client.info("everything")
        return info["maxmemory_policy"], bool(info["aof_enabled"])


def _text(told: Mapping[Any, Any], name: str) -> str:
    value = told.get(name, told.get(name.encode(), ""))
    return value.decode() if isinstance(value, bytes) else str(value)
