"""Airflow DAG: recompute Fibonacci numbers: by event, every night, or by hand."""

from batchwell.orchestrator import recompute_dag
from computations.fibonacci import fibonacci

dag = recompute_dag(fibonacci, schedule="0 3 * * *")
