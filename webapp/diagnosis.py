"""What is wrong, in words that say what to do: for ``/readyz`` and for the top of the pages."""

from __future__ import annotations

from batchwell.records import Demand
from batchwell.store import Store
from webapp.context import Context


def import_warnings(context: Context) -> list[str]:
    """Name each module of computations that could not be imported, with its error."""
    return [
        f"{module} failed to import, its computations are missing: {error}. "
        "Mend the file, then restart the web app."
        for module, error in context.registry.failures.items()
    ]


def store_warnings(context: Context, store: Store) -> list[str]:
    """Tell what the store says of itself, and which computations nobody drains.

    Raises `StoreUnavailable`.
    """
    told = store.warnings()
    for computation in context.registry:
        demand = store.demand(computation.name)
        if context.vigil.is_neglected(computation.name, demand):
            told.append(neglect_warning(computation.name, demand))
    return told


def neglect_warning(computation: str, demand: Demand) -> str:
    """Say that nobody drains a computation."""
    waiting = "1 request waits" if demand.waiting == 1 else f"{demand.waiting} requests wait"
    return (
        f"nobody drains {computation}: {waiting} and no worker has come. "
        f"Check that Airflow runs and that its DAG recompute_{computation} is not paused."
    )
