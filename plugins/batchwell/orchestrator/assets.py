"""The assets of a computation: its waiting requests, and its results."""

from __future__ import annotations

from typing import Any, TypeAlias

from airflow.sdk import Asset, AssetWatcher

from batchwell.action_log import ActionLog
from batchwell.computation import Computation
from batchwell.orchestrator.hook import DEFAULT_CONNECTION
from batchwell.orchestrator.waiting_trigger import RequestsWaitingTrigger

Dependency: TypeAlias = Computation[Any, Any] | ActionLog | str


def requests_asset(
    computation: Computation[Any, Any], *, redis_conn_id: str = DEFAULT_CONNECTION
) -> Asset:
    """Return the asset that gets an event when requests wait and nobody drains them."""
    return Asset(
        name=f"{computation.name}_requests",
        uri=f"batchwell://{computation.name}/requests",
        group="batchwell",
        watchers=[
            AssetWatcher(
                name=f"{computation.name}_requests_waiting",
                trigger=RequestsWaitingTrigger(
                    computation=computation.name,
                    workers=computation.policy.workers,
                    redis_conn_id=redis_conn_id,
                ),
            )
        ],
    )


def results_asset(computation: str) -> Asset:
    """Return the asset that gets an event from each drain that wrote results."""
    return Asset(
        name=f"{computation}_results", uri=f"batchwell://{computation}/results", group="batchwell"
    )


def actions_asset() -> Asset:
    """Return the asset that gets an event when enough new actions have been collected."""
    return Asset(name="actions", uri="batchwell://actions", group="batchwell")


def asset_of(dependency: Dependency) -> Asset:
    """Return the asset whose events tell that a dependency has changed."""
    if isinstance(dependency, ActionLog):
        return actions_asset()
    if isinstance(dependency, Computation):
        return results_asset(dependency.name)
    return Asset(dependency)


def name_of(dependency: Dependency) -> str:
    """Return a dependency's name: the computation's, "actions", or the asset's URI."""
    return dependency if isinstance(dependency, str) else dependency.name
