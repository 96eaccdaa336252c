"""Airflow DAG: recompute option prices: by event, every hour, or by hand."""

from batchwell.orchestrator import recompute_dag
from computations.option_price import option_price

dag = recompute_dag(option_price, schedule="0 * * * *")
