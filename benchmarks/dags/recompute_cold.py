"""Airflow DAG: Batchwell's, as anybody's."""

from batchwell.orchestrator import recompute_dag
from computations.cold import cold

dag = recompute_dag(cold)
