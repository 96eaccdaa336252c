"""Airflow DAG: retrain the digits classifier: by event, every night, or by hand."""

from batchwell.orchestrator import recompute_dag
from computations.digits_classifier import digits_classifier

dag = recompute_dag(digits_classifier, schedule="0 2 * * *")
