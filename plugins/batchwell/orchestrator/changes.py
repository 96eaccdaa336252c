"""Upstream changes: how a computation learns of one, and tells its dependants.

A change is born where a drain wrote results (or an Airflow asset was updated), and travels with
the asset events of the runs that it causes. A dependant begins a new generation once the change
has come by all of its dependencies that it was to come by, so that a diamond recomputes once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from batchwell.computation import Computation
from batchwell.orchestrator.assets import asset_of, name_of

if TYPE_CHECKING:
    from airflow.sdk import Context

    from batchwell.store import Store


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change: its id, where it was born, and the dependency by which it has come here."""

    id: str
    root: str
    by: str


def arrived_changes(
    store: Store, computation: Computation[Any, Any], context: Context
) -> dict[str, str]:
    """Return the changes (id → root) that are complete with this run's events.

    For each of them the computation has begun a new generation.
    """
    complete = {}
    for change in _changes(computation, context):
        expected = [
            name_of(dependency)
            for dependency in computation.policy.depends_on
            if _descends(dependency, change.root)
        ]
        outcome = store.arrive(
            computation, change.id, by=change.by, expected=expected, run=context["run_id"]
        )
        if outcome == "complete":
            complete[change.id] = change.root
    return complete


def _changes(computation: Computation[Any, Any], context: Context) -> Iterator[Change]:
    """Yield what this run's events tell, by the dependencies of the computation."""
    events = context["triggering_asset_events"]
    for dependency in computation.policy.depends_on:
        name = name_of(dependency)
        try:
            told = events[asset_of(dependency)]
        except KeyError:
            continue
        for event in told:
            changes = (event.extra or {}).get("changes") or {f"{name}@{event.timestamp}": name}
            for change_id, root in changes.items():
                yield Change(id=change_id, root=root, by=name)


def _descends(dependency: Any, root: str) -> bool:
    """Tell whether a change born at ``root`` comes by this dependency."""
    if name_of(dependency) == root:
        return True
    return isinstance(dependency, Computation) and any(
        _descends(one, root) for one in dependency.policy.depends_on
    )
