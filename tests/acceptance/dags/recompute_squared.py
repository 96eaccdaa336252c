"""Airflow DAG: compute what the fault tests ask for."""

from batchwell.orchestrator import recompute_dag
from computations.squared import squared

dag = recompute_dag(squared)
