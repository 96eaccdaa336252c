"""The Airflow hook: from a connection to the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from batchwell.async_store import AsyncStore
    from batchwell.store import Store
    from batchwell.topology import Address

DEFAULT_CONNECTION = "batchwell_redis"

_SSL = ("ssl", "ssl_cert_reqs", "ssl_ca_certs", "ssl_keyfile", "ssl_certfile", "ssl_check_hostname")


class BatchwellHook(BaseHook):
    """Opens the store of the Airflow connection ``batchwell_redis``, of type Redis.

    Its extra may hold what the Redis provider knows (``db``, ``ssl`` …, ``cluster`` and further
    nodes of it, ``startup_nodes``) and ``namespace``, what all keys begin with (``bw``; the same
    as the web app's).
    """

    def __init__(self, redis_conn_id: str = DEFAULT_CONNECTION) -> None:
        """Remember the connection's id; nothing is opened yet."""
        super().__init__()
        self.redis_conn_id = redis_conn_id

    def get_conn(self) -> Any:
        """Return the provider's Redis client."""
        from airflow.providers.redis.hooks.redis import RedisHook

        return RedisHook(self.redis_conn_id).get_conn()

    def get_store(self) -> Store:
        """Return the store, for a task."""
        from batchwell.connection import connect
        from batchwell.store import Store

        connection = self.get_connection(self.redis_conn_id)
        url = _cluster_url(connection)
        # The provider's client of a cluster follows a slot that is on its way between nodes.
        client = self.get_conn() if url is None else connect(url)
        return Store(client, namespace=_namespace(connection))

    async def get_async_store(self) -> AsyncStore:
        """Return the store, for a trigger; close its ``client`` after use."""
        from redis.asyncio import Redis

        from batchwell.async_cluster import AsyncCluster
        from batchwell.async_store import AsyncStore

        connection = await self.aget_connection(self.redis_conn_id)
        extra = connection.extra_dejson

        def server(address: Address) -> Redis:
            return Redis(
                host=address[0],
                port=address[1],
                db=int(extra.get("db") or 0),
                username=connection.login,
                password=connection.password,
                socket_timeout=None,
                **{name: extra[name] for name in _SSL if name in extra},
            )

        seeds = _seeds(connection)
        client = AsyncCluster(seeds, server) if _is_cluster(connection) else server(seeds[0])
        return AsyncStore(client, namespace=_namespace(connection))


def _namespace(connection: Connection) -> str:
    return str(connection.extra_dejson.get("namespace") or "bw")


def _is_cluster(connection: Connection) -> bool:
    # A connection that is told as a URL has nothing but text in its extra.
    return str(connection.extra_dejson.get("cluster")).lower() == "true"


def _seeds(connection: Connection) -> list[Address]:
    from batchwell.cluster_url import read_addresses

    further = connection.extra_dejson.get("startup_nodes")
    seeds = [(connection.host or "localhost", connection.port or 6379)]
    return [*seeds, *read_addresses(further)] if further else seeds


def _cluster_url(connection: Connection) -> str | None:
    """Return the URL of the cluster that the connection leads to; None: to one server."""
    from batchwell.cluster_url import cluster_url

    if not _is_cluster(connection):
        return None
    extra = connection.extra_dejson
    tls = {name: extra[name] for name in _SSL[1:] if name in extra}
    return cluster_url(
        _seeds(connection),
        username=connection.login,
        password=connection.password,
        tls=tls if extra.get("ssl") else None,
    )
