"""The page of an Airflow run: the batches that its drains computed, and requests of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask import Blueprint, Response

from batchwell.documents import run_url
from batchwell.moments import iso_time
from batchwell.run_batches import MOST_BATCHES, RunBatch, run_page
from batchwell.store import Origin
from webapp.context import get_context
from webapp.http.page_answer import page_answer
from webapp.pages.words import plural

blueprint = Blueprint("run_page", __name__)


@dataclass(frozen=True, kw_only=True)
class WorkerView:
    """A live worker: what to call it, and the page of its run if it is a task of Airflow's."""

    name: str
    run_page: str = ""
    run_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class BatchView:
    """A batch of a computation, ready to be shown; ``unnamed`` counts the requests not named."""

    computation: str
    batch: RunBatch
    ended_at: str
    unnamed: int


@blueprint.get("/runs/<dag_id>/<run_id>")
def show_run(dag_id: str, run_id: str) -> Response:
    """Show the batches of a run, the latest first."""
    context = get_context()
    origin = Origin(dag_id=dag_id, run_id=run_id)
    found = context.store.run_batches(context.registry, origin)
    batches = [_view(name, batch) for name, several in found.items() for batch in several]
    batches.sort(key=lambda view: view.batch.ended_at, reverse=True)
    return page_answer(
        "run.html",
        dag_id=dag_id,
        run_id=run_id,
        run_url=run_url(dag_id, run_id, context.settings.airflow_url),
        batches=batches,
        sums=_sums(batches),
        is_cut=any(len(several) >= MOST_BATCHES for several in found.values()),
    )


def worker_view(worker: str, airflow_url: str) -> WorkerView:
    """Tell who a worker is by its name, which a task of Airflow's makes of its own."""
    dag_id, _, rest = worker.partition("/")
    run_id, _, task = rest.partition("/")
    if not task:
        return WorkerView(name=worker)
    return WorkerView(
        name=task.rpartition("/")[0].removesuffix("/-1"),
        run_page=run_page(dag_id, run_id),
        run_url=run_url(dag_id, run_id, airflow_url),
    )


def _view(computation: str, batch: RunBatch) -> BatchView:
    return BatchView(
        computation=computation,
        batch=batch,
        ended_at=iso_time(batch.ended_at) or "",
        unnamed=batch.size - len(batch.erring) - len(batch.others),
    )


def _sums(batches: list[BatchView]) -> str:
    """Say what all the batches did together."""
    tally = Counter[str]()
    for view in batches:
        tally.update(view.batch.tally)
    counts = ", ".join(f"{count:,} {what}" for what, count in tally.items())
    requests = sum(view.batch.size for view in batches)
    return f"{plural(len(batches), 'batch', 'batches')} of {plural(requests, 'request')}: {counts}."
