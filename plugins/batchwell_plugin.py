"""What Batchwell adds to Airflow's own user interface; the one file that Airflow's loader takes."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from batchwell.orchestrator import preloading, run_notes
from batchwell.settings import Settings


class BatchwellPlugin(AirflowPlugin):
    """The operations page, in a frame, from the navigation; listeners (run notes, preloading)."""

    name = "batchwell"
    external_views = [  # noqa: RUF012  # declared by Airflow
        {
            "name": "Batchwell",
            "href": f"{Settings.from_env().url}/operations",
            "destination": "nav",
            "url_route": "batchwell",
            "icon": f"{Settings.from_env().url}/static/icon.svg",
        }
    ]
    listeners = [preloading, run_notes]  # noqa: RUF012  # declared by Airflow
