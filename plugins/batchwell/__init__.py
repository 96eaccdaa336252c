"""Batchwell: turn an expensive Python function into a web resource that always answers at once.

This is what an author of computations needs; it loads neither Redis, Flask nor Airflow.
"""

from batchwell.action_log import Action, ActionLog
from batchwell.artifact import Artifact
from batchwell.computation import Computation, computation
from batchwell.outcomes import Failure
from batchwell.plots import Plot
from batchwell.progress import progress

__all__ = [
    "Action",
    "ActionLog",
    "Artifact",
    "Computation",
    "Failure",
    "Plot",
    "computation",
    "progress",
]
__version__ = "0.1.0"
