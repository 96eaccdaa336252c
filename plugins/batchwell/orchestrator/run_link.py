"""The link from a drain task to what its run computed, on a page of the web app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseOperatorLink

from batchwell.run_batches import run_page
from batchwell.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey


class RunLink(BaseOperatorLink):
    """Leads to the batches of the task's run and to their requests."""

    name = "Requests and batches"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Return the URL; Airflow asks when a task has ended."""
        return run_address(ti_key.dag_id, ti_key.run_id)


def run_address(dag_id: str, run_id: str) -> str:
    """Return the URL at which people see what a run computed."""
    return f"{Settings.from_env().url}{run_page(dag_id, run_id)}"
