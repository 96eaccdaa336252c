"""The listener that loads into Airflow's own processes what drain tasks need.

A scheduler with a LocalExecutor forks the tasks: they find loaded what each would load for itself,
which took as long as a small computation with all that is around it.
"""

from __future__ import annotations

import importlib

from airflow.listeners import hookimpl

_MODULES = ("airflow.providers.redis.hooks.redis", "batchwell.drain")


@hookimpl
def on_starting(component: object) -> None:
    """Load it, except in a task, which may be another DAG's and loads what it uses."""
    from airflow.sdk.execution_time.task_runner import TaskRunnerMarker

    if not isinstance(component, TaskRunnerMarker):
        for name in _MODULES:
            importlib.import_module(name)
