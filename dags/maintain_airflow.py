"""Airflow DAG: once a week, remove from Airflow's own database what is older than a month."""

import os
import subprocess
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, task

KEEP = timedelta(days=30)

with DAG(
    "maintain_airflow",
    schedule="0 4 * * 0",
    catchup=False,
    is_paused_upon_creation=False,
    doc_md=__doc__,
    tags={"batchwell"},
) as dag:

    @task
    def clean_database() -> str:
        """Run `airflow db clean`; Airflow's scheduler loop slows down with old runs."""
        # A task is kept from Airflow's database on purpose; who runs it says where it is.
        database = os.environ.get("BATCHWELL_AIRFLOW_DATABASE")
        env = dict(os.environ)
        if database:
            env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = database
        else:
            env.pop("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", None)
        before = (datetime.now(UTC) - KEEP).isoformat()
        command = ["airflow", "db", "clean", "--clean-before-timestamp", before]
        subprocess.run([*command, "--skip-archive", "--yes"], env=env, check=True)
        return before

    clean_database()
