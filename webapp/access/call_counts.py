"""Where calls are counted: in the store, by the store's own client, be it a cluster's or not."""

from __future__ import annotations

from typing import Any

from limits.storage import RedisStorage

from batchwell.connection import Client

SCHEME = "batchwell"


class CallCounts(RedisStorage):
    """The counters of ``limits`` in Redis; both of a caller are in one slot of a cluster."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  # the library's own declaration

    def __init__(self, uri: str, *, client: Client, **options: Any) -> None:
        """Count by ``client``, which knows where, and with which password; ``uri``: no matter."""
        self._client = client
        super().__init__("redis://", **options)  # whose own client is never used

    def get_connection(self, readonly: bool = False) -> Any:
        """Return the client."""
        return self._client
