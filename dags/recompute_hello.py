"""Airflow DAG: recompute greetings: by event or by hand."""

from batchwell.orchestrator import recompute_dag
from computations.hello import hello

dag = recompute_dag(hello)
