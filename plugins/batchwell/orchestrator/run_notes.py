"""The listener that notes on each run what it did, where Airflow's UI shows it first.

Airflow calls it in the scheduler, within the transaction that ends the run; a task itself has no
way to write a note.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from batchwell.orchestrator.run_link import RunLink, run_address

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

_DRAINS = {"DrainOperator", "RecomputeOperator"}
_ALSO = {
    "failed": "failed",
    "retrying": "to be tried again",
    "delivered": "webhooks delivered",
}

log = logging.getLogger(__name__)


@hookimpl
def on_dag_run_success(dag_run: DagRun, msg: str) -> None:
    """Note what a run did that succeeded."""
    _note(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: DagRun, msg: str) -> None:
    """Note what a run did that failed."""
    _note(dag_run)


def _note(dag_run: DagRun) -> None:
    """Add the note, unless a person wrote one; never hold the scheduler up with an error."""
    try:
        if _drains(dag_run) and not dag_run.note:
            summaries = _summaries(dag_run)
            dag_run.note = told(summaries)
            if any(summary["batches"] for summary in summaries):
                address = run_address(dag_run.dag_id, dag_run.run_id)
                dag_run.note += f" [{RunLink.name}]({address})"
    except Exception:  # whatever it is, the run matters more than its note
        log.warning("no note for %s of %s", dag_run.run_id, dag_run.dag_id, exc_info=True)


def _drains(dag_run: DagRun) -> bool:
    return dag_run.dag is not None and any(
        task.task_type in _DRAINS for task in dag_run.dag.task_dict.values()
    )


def _summaries(dag_run: DagRun) -> list[dict[str, Any]]:
    """Return what the run's drains returned."""
    from airflow.models.xcom import XComModel
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:
        return []
    query = select(XComModel.value).where(
        XComModel.dag_run_id == dag_run.id, XComModel.key == "return_value"
    )
    found = session.scalars(query).all()  # no savepoint: the scheduler forbids every commit
    values = [json.loads(text) if isinstance(text, str) else text for text in found]
    return [value for value in values if isinstance(value, dict) and "batches" in value]


def told(summaries: Iterable[dict[str, Any]]) -> str:
    """Tell in a sentence what drains did together, by what each returned."""
    tally = Counter[str]()
    workers = 0
    for summary in summaries:
        tally.update({name: value for name, value in summary.items() if name != "seconds"})
        workers += 1
    if not tally.total():
        return "Nothing waited."
    if not tally["batches"]:
        return f"Nothing waited; {tally['delivered']} webhooks delivered."
    parts = [f"{tally['succeeded']} computed"]
    parts += [f"{tally[name]} {words}" for name, words in _ALSO.items() if tally[name]]
    batches = "1 batch" if tally["batches"] == 1 else f"{tally['batches']} batches"
    by = "" if workers == 1 else f" by {workers} workers"
    return f"{', '.join(parts)}, in {batches}{by}."
