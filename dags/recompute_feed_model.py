"""Airflow DAG: train the feed's model anew: after enough actions, every night, or by hand."""

from batchwell.orchestrator import recompute_dag
from computations.feed_model import feed_model

dag = recompute_dag(feed_model, schedule="0 4 * * *")
