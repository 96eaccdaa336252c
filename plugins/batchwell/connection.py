"""Connect to the server, and see what it promises."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import RLock
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, TypeVar
from weakref import WeakSet

from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, ResponseError
from redis.retry import Retry

from batchwell.cluster_url import read_cluster_url
from batchwell.errors import SettingsError, StoreRefuses
from batchwell.scripts import ON_A_CLUSTER, store_errors
from batchwell.topology import Address, Word

if TYPE_CHECKING:
    from batchwell.cluster import Cluster

Client: TypeAlias = "Redis | Cluster"
T = TypeVar("T")

MOST_CONNECTIONS = 32
_TURN_SECONDS = 5.0


def connect(
    url: str,
    *,
    timeout_seconds: float = 5.0,
    waiting: Callable[[], AbstractContextManager[None]] | None = None,
) -> Client:
    """Return a client that waits ``timeout_seconds`` for an answer, and as long to connect.

    A command whose connection broke is repeated once: every script may safely be. A crowd of
    threads shares some connections, and waits its turn: that many at once would only time out.
    Each wait for the server's answer is within a ``waiting`` of its own, where one is given. Raises
    `SettingsError` for a URL that is none.
    """

    def server(url: str) -> Redis:
        pool = Lines.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
        )
        if waiting is not None:
            pool.connection_class = _within(waiting, pool.connection_class)
        return Redis.from_pool(pool)

    try:
        cluster = read_cluster_url(url)
        if cluster is None:
            return server(url)
        server(cluster.node(cluster.seeds[0]))  # which raises for what is no URL
    except ValueError:
        # Without what the driver says: it may repeat a part of the password.
        told = "it must look like redis://[user:password@]host:port/number"
        raise SettingsError(f"the Redis URL cannot be used: {told}") from None
    from batchwell.cluster import Cluster  # it asks its nodes by what is below

    def node(address: Address) -> Redis:
        return server(cluster.node(address))

    return Cluster(cluster.seeds, node)


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
            pool._lock = RLock()  # a thread of the parent's may have held the one before
            pool._available_connections, pool._in_use_connections = [], set()
            pool.reset()


os.register_at_fork(after_in_child=Lines.forget_parents)


def round_trip(client: Client, *words: Word) -> Any:
    """Send a command, return its reply, or raise the error that it is.

    As the client's ``execute_command``, which spends three times as much around the round trip. It
    is repeated once where the connection broke.
    """
    if not isinstance(client, Redis):
        return client.round_trip(*words)
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


def _ask(connection: Any, words: tuple[Word, ...]) -> Any:
    connection.send_command(*words)
    return connection.read_response()


def pipe(client: Client, commands: Sequence[Sequence[Word]]) -> list[Any]:
    """Send commands together, return their replies; raise the first error among them."""
    if not isinstance(client, Redis):
        return client.pipe(commands)
    with client.pipeline(transaction=False) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)
        return pipeline.execute()


def at_home(client: Client, command: Sequence[Word], ask: Callable[[Redis], T]) -> T:
    """Return what the server tells that a command is to be sent to: the only one, or its node."""
    return ask(client) if isinstance(client, Redis) else client.at(command, ask)


def _within(waiting: Callable[[], AbstractContextManager[None]], base: type[Any]) -> type[Any]:
    class Connection(base):  # type: ignore[misc]  # the driver's, for whatever the URL leads to
        def read_response(self, *args: Any, **kwargs: Any) -> Any:
            with waiting():
                return super().read_response(*args, **kwargs)

    return Connection


def server_warnings(client: Client) -> list[str]:
    """Return a sentence for each setting of a server with which requests could be lost."""
    with store_errors():
        servers = _servers(client)
    told = dict.fromkeys(sentence for server in servers for sentence in _warnings_of(server))
    if not isinstance(client, Redis):
        told.pop(ON_A_CLUSTER, None)
    return list(told)


def _warnings_of(server: Redis) -> list[str]:
    try:
        settings = _settings(server)
    except (ResponseError, StoreRefuses):
        advice = "see that maxmemory-policy is noeviction and appendonly yes, or let it run INFO"
        return [f"the store does not tell its settings to this user: {advice}"]
    told = []
    if settings.policy != "noeviction":
        told.append(
            f"maxmemory-policy is {settings.policy}: requests may be evicted, use noeviction"
        )
    if not settings.persists:
        told.append("the store persists nothing: a restart loses all requests, use appendonly")
    if settings.is_in_cluster:
        told.append(ON_A_CLUSTER)
    return told


def check_durable(client: Client) -> None:
    """Raise `SettingsError` unless the server can tell when a write is on disk."""
    try:
        with store_errors():
            for server in _servers(client):
                server.waitaof(1, 0, 1)
    except ResponseError as error:
        needs = "WAITAOF (Redis 7.2, Valkey) and appendonly yes"
        raise SettingsError(f"BATCHWELL_DURABLE needs a store with {needs}: {error}") from error


def _servers(client: Client) -> list[Redis]:
    return [client] if isinstance(client, Redis) else client.servers()


@dataclass(frozen=True, kw_only=True)
class _Settings:
    policy: str
    persists: bool
    is_in_cluster: bool


def _settings(client: Redis) -> _Settings:
    """Return the eviction policy, whether anything is persisted, whether it is a cluster's node.

    Least privilege withholds CONFIG, which tells passwords too. INFO knows nothing of snapshots,
    which lose minutes of requests anyway.
    """
    try:
        with store_errors():
            names = ("maxmemory-policy", "appendonly", "save", "cluster-enabled")
            told: Any = client.config_get(*names)
        policy, appendonly, save, cluster = (_text(told, name) for name in names)
        return _Settings(
            policy=policy,
            persists=appendonly != "no" or bool(save),
            is_in_cluster=cluster == "yes",
        )
    except (ResponseError, StoreRefuses):
        with store_errors():
            info: Any = client.info("everything")
        return _Settings(
            policy=info["maxmemory_policy"],
            persists=bool(info["aof_enabled"]),
            is_in_cluster=bool(info["cluster_enabled"]),
        )


def _text(told: Mapping[Any, Any], name: str) -> str:
    value = told.get(name, told.get(name.encode(), ""))
    return value.decode() if isinstance(value, bytes) else str(value)
