"""Airflow DAGs of three computations that depend on each other."""

from batchwell.orchestrator import recompute_dag
from computations.chain import cleaned, measured, reported

first, second, third = (recompute_dag(one) for one in (measured, cleaned, reported))
