"""Open the store and load the computations, for the commands that work without the web app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from batchwell.errors import StoreUnavailable
from batchwell.settings import Settings

if TYPE_CHECKING:
    from batchwell.registry import Registry
    from batchwell.store import Store


@contextmanager
def open_store() -> Iterator[tuple[Store, Registry]]:
    """Give the store and the computations of the settings in the environment."""
    # Here, so that commands over HTTP neither need redis nor wait for its import.
    from batchwell.registry import load_registry

    registry = load_registry(Settings.from_env().dags_folder)
    with open_store_alone() as store:
        yield store, registry


@contextmanager
def open_store_alone() -> Iterator[Store]:
    """Give the store of the settings in the environment, without importing computations.

    Where no setting tells its address, one that does not answer is told with how to name another.
    """
    from batchwell.connection import connect
    from batchwell.store import Store

    settings = Settings.from_env()
    try:
        with connect(settings.redis_url) as client:
            yield Store(client, namespace=settings.namespace, durable=settings.durable)
    except StoreUnavailable as error:
        if settings.is_redis_url_told:
            raise
        raise StoreUnavailable(
            f"{str(error).removesuffix('.')}. This is the default address, as "
            f"BATCHWELL_REDIS_URL is not set and {settings.home} has no redis.url. "
            "Set BATCHWELL_REDIS_URL, or BATCHWELL_HOME to the folder that scripts/up uses."
        ) from error
