"""Airflow DAG: recompute what is stale every minute."""

from batchwell.orchestrator import recompute_dag
from computations.ticking import ticking

dag = recompute_dag(ticking, schedule="* * * * *")
