"""The Airflow side: what a DAG file imports.

``recompute_dag`` makes the whole DAG of a computation. Its parts are there for DAGs of your own:
`RequestsWaitingSensor` waits for waiting requests, `DrainOperator` computes them,
`SubmitOperator` submits requests and waits for their results, `BatchwellHook` gives the store.
``collect_dag`` makes the DAG that collects actions, of one `CollectOperator`.
"""

from batchwell.orchestrator.assets import actions_asset, requests_asset, results_asset
from batchwell.orchestrator.collect_dag import collect_dag
from batchwell.orchestrator.collect_operator import CollectOperator
from batchwell.orchestrator.dag import recompute_dag
from batchwell.orchestrator.drain_operator import DrainOperator
from batchwell.orchestrator.hook import BatchwellHook
from batchwell.orchestrator.submit_operator import SubmitOperator
from batchwell.orchestrator.waiting_sensor import RequestsWaitingSensor

__all__ = [
    "BatchwellHook",
    "CollectOperator",
    "DrainOperator",
    "RequestsWaitingSensor",
    "SubmitOperator",
    "actions_asset",
    "collect_dag",
    "recompute_dag",
    "requests_asset",
    "results_asset",
]
