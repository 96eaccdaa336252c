"""What is wrong, in words that say what to do: for ``/readyz`` and for the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from batchwell.action_log import ActionLog
from batchwell.moments import about
from batchwell.outlook import NEGLECT_SECONDS, why_nobody_drains
from batchwell.overviews import Overview
from batchwell.store import AnyComputation, Store
from batchwell.store.acting import Intake
from webapp.context import Context

STORE_AWAY = (
    "The store (Redis or Valkey) does not answer, so that no value can be shown and nothing "
    "submitted. Start it, or set BATCHWELL_REDIS_URL to where it is; then load this page again."
)
_COLLECTED_SECONDS = 30.0  # a run of Airflow that collects begins within some seconds
_NEARLY_FULL = 0.8


def import_warnings(context: Context) -> list[str]:
    """Name each module of computations that is left out, with what is wrong with it."""
    return [
        f"{module} is left out, wholly or in part: {error}. "
        "Mend the file, then restart the web app."
        for module, error in context.registry.failures.items()
    ]


def store_warnings(store: Store, computations: Iterable[AnyComputation]) -> list[str]:
    """Tell what the store says of itself, and which of the computations nobody drains.

    Two round trips, however many computations there are. Raises `StoreUnavailable`.
    """
    return store.warnings() + neglect_warnings(store.overviews(computations))


def neglect_warnings(overviews: Mapping[str, Overview]) -> list[str]:
    """Tell which of the computations nobody drains, and why."""
    told = []
    for name, overview in overviews.items():
        if is_neglected(overview):
            why = why_nobody_drains(name, overview.attention)
            count = overview.waiting
            waiting = f"{count} request{'s wait' if count != 1 else ' waits'}"
            told.append(f"nobody drains {name}: {waiting}. {why[0].upper()}{why[1:]}.")
    return told


def intake_warnings(log: ActionLog, intake: Intake) -> list[str]:
    """Tell whether actions wait that nobody collects, and whether there is room for more."""
    told = []
    late_seconds = intake.oldest_seconds - log.max_wait.total_seconds()
    if not intake.collectors and late_seconds > _COLLECTED_SECONDS:
        told.append(
            f"nobody collects actions: {intake.waiting} wait, the first for "
            f"{about(intake.oldest_seconds)}. See that the DAG collect_actions is switched on in "
            "Airflow, and that its runs reach the database (BATCHWELL_ACTIONS_URL)."
        )
    if intake.waiting > log.max_waiting * _NEARLY_FULL:
        told.append(
            f"the log of actions is nearly full: {intake.waiting} of {log.max_waiting} wait; "
            "when it is full, actions are refused (503)."
        )
    return told


def shortened(told: Sequence[str], most: int) -> list[str]:
    """Return the first of several warnings, and how many more there are."""
    if len(told) <= most + 1:
        return list(told)
    return [*told[:most], f"And {len(told) - most} more of this kind."]


def is_neglected(overview: Overview) -> bool:
    """Tell whether requests have waited for longer than it takes Airflow to bring a worker."""
    return overview.workers == 0 and overview.first_waits_seconds > NEGLECT_SECONDS
