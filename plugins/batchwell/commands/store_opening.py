"""Open the store and load the computations, for the commands that work without the web app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from batchwell.settings import Settings

if TYPE_CHECKING:
    from batchwell.registry import Registry
    from batchwell.store import Store


@contextmanager
def open_store() -> Iterator[tuple[Store, Registry]]:
    """Give the store and the computations of the settings in the environment."""
    # Here, so that commands over HTTP neither need redis nor wait for its import.
    from batchwell.connection import connect
    from batchwell.registry import load_registry
    from batchwell.store import Store

    settings = Settings.from_env()
    registry = load_registry(settings.dags_folder)
    with connect(settings.redis_url) as client:
        yield Store(client, namespace=settings.namespace, durable=settings.durable), registry
