"""Airflow DAG: compute what the test of several workers asks for."""

from batchwell.orchestrator import recompute_dag
from computations.weighed import weighed

dag = recompute_dag(weighed)
