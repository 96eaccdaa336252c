"""What is wrong, in words that say what to do: for ``/readyz`` and for the top of the pages."""

from __future__ import annotations

from collections.abc import Iterable

from batchwell.outlook import NEGLECT_SECONDS, why_nobody_drains
from batchwell.store import AnyComputation, Store
from webapp.context import Context

STORE_AWAY = (
    "The store (Redis or Valkey) does not answer, so that no value can be shown and nothing "
    "submitted. Start it, or set BATCHWELL_REDIS_URL to where it is; then load this page again."
)


def import_warnings(context: Context) -> list[str]:
    """Name each module of computations that could not be imported, with its error."""
    return [
        f"{module} failed to import, so its computations are missing: {error}. "
        "Mend the file, then restart the web app."
        for module, error in context.registry.failures.items()
    ]


def store_warnings(store: Store, computations: Iterable[AnyComputation]) -> list[str]:
    """Tell what the store says of itself, and which of the computations nobody drains.

    Raises `StoreUnavailable`.
    """
    told = store.warnings()
    for computation in computations:
        demand = store.demand(computation.name)
        if demand.workers == 0 and demand.first_waits_seconds > NEGLECT_SECONDS:
            why = why_nobody_drains(computation.name, store.attention(computation.name))
            waiting = f"{demand.waiting} request{'s wait' if demand.waiting != 1 else ' waits'}"
            told.append(f"nobody drains {computation.name}: {waiting}. {why[0].upper()}{why[1:]}.")
    return told
