"""Airflow DAG: collect what people do with pictures, as it comes."""

from batchwell.orchestrator import collect_dag
from computations.pictures import actions

dag = collect_dag(actions)
