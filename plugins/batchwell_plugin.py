"""What Batchwell adds to Airflow's own user interface; the one file that Airflow's loader takes."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from batchwell.orchestrator import preloading, run_notes
from batchwell.settings import Settings


class BatchwellPlugin(AirflowPlugin):
    """A link from Airflow's navigation to the web app; listeners (notes on runs, preloading)."""

    name = "batchwell"
    external_views = [  # noqa: RUF012  # declared by Airflow
        {"name": "Batchwell", "href": Settings.from_env().url, "destination": "nav"}
    ]
    listeners = [preloading, run_notes]  # noqa: RUF012  # declared by Airflow
