"""The Airflow hook: from a connection to the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseHook

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from batchwell.async_store import AsyncStore
    from batchwell.store import Store

DEFAULT_CONNECTION = "batchwell_redis"

_SSL = ("ssl", "ssl_cert_reqs", "ssl_ca_certs", "ssl_keyfile", "ssl_certfile", "ssl_check_hostname")


class BatchwellHook(BaseHook):
    """Opens the store of the Airflow connection ``batchwell_redis``, of type Redis.

    Its extra may hold what the Redis provider knows (``db``, ``ssl`` …, ``cluster``) and
    ``namespace``, what all keys begin with (``bw``; the same as the web app's).
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
        from batchwell.store import Store

        connection = self.get_connection(self.redis_conn_id)
        return Store(self.get_conn(), namespace=_namespace(connection))

    async def get_async_store(self) -> AsyncStore:
        """Return the store, for a trigger; close its ``client`` after use."""
        from redis.asyncio import Redis

        from batchwell.async_store import AsyncStore

        connection = await self.aget_connection(self.redis_conn_id)
        extra = connection.extra_dejson
        client = Redis(
            host=connection.host or "localhost",
            port=connection.port or 6379,
            db=int(extra.get("db") or 0),
            username=connection.login,
            password=connection.password,
            socket_timeout=None,
            **{name: extra[name] for name in _SSL if name in extra},
        )
        return AsyncStore(client, namespace=_namespace(connection))


def _namespace(connection: Connection) -> str:
    return str(connection.extra_dejson.get("namespace") or "bw")
