"""Airflow DAG: compute what the proof asks for."""

from batchwell.orchestrator import recompute_dag
from computations.tripled import tripled

dag = recompute_dag(tripled)
