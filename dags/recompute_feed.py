"""Airflow DAG: choose everybody's feed anew: by event, with each new model, or by hand."""

from batchwell.orchestrator import recompute_dag
from computations.feed import feed

dag = recompute_dag(feed, schedule="*/30 * * * *")
