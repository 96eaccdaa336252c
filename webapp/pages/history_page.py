"""What happened to a computation over time: charts, and the table that they are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from batchwell.histories import History, Moment, Span
from webapp.context import get_context
from webapp.http.page_answer import page_answer
from webapp.pages.words import duration, plural

blueprint = Blueprint("history_page", __name__)

COLUMNS = {
    "submitted": "Submitted",
    "computed": "Computed",
    "failed": "Failed",
    "waited": "Waited at most",
    "batches": "Batches",
    "batch_mean": "Batch size, mean",
    "batch_most": "Batch size, most",
    "latency_mean": "Submit to value, mean",
    "latency_most": "Submit to value, most",
    "computing": "Computing in all",
}
"""The columns of the table; those of durations hold seconds."""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Some columns over time; ``told`` says in words what it shows."""

    title: str
    columns: tuple[str, ...]
    unit: str
    told: str


@blueprint.get("/computations/<name>/history")
def show_history(name: str) -> Response:
    """Show the charts on a page of their own, which also works without JavaScript."""
    return _page("history.html", name)


@blueprint.get("/computations/<name>/charts")
def show_charts(name: str) -> Response:
    """Show the charts as a piece of a page."""
    return _page("piece_charts.html", name)


def _page(template: str, name: str) -> Response:
    context = get_context()
    computation = context.registry[name]
    span: Span = "hours" if request.args.get("span") == "hours" else "minutes"
    history = context.store.history(computation, span)
    rows = [(moment, row(moment)) for moment in history.moments if has_happened(moment)]
    return page_answer(
        template,
        computation=computation,
        span=span,
        history=history,
        rows=rows,
        columns=COLUMNS,
        charts=charts(history),
    )


def has_happened(moment: Moment) -> bool:
    """Tell whether anything did: a minute may have been noted without."""
    return any(
        (moment.submitted, moment.succeeded, moment.failed, moment.batches, moment.waited_most)
    )


def row(moment: Moment) -> dict[str, float | None]:
    """Return what the table says of a moment, by column."""
    return {
        "submitted": moment.submitted,
        "computed": moment.succeeded,
        "failed": moment.failed,
        "waited": moment.waited_most,
        "batches": moment.batches,
        "batch_mean": moment.mean_batch,
        "batch_most": moment.largest_batch or None,
        "latency_mean": moment.mean_latency_seconds,
        "latency_most": moment.slowest_seconds if moment.succeeded else None,
        "computing": moment.computing_seconds,
    }


def charts(history: History) -> list[Chart]:
    """Return the charts of a history, each with what it shows in words."""
    moments = history.moments
    each = "a minute" if history.step_seconds == 60 else "an hour"
    computed = sum(moment.succeeded for moment in moments)
    batches = sum(moment.batches for moment in moments)
    failed = sum(moment.failed for moment in moments)
    deepest = max((moment.waited_most for moment in moments), default=0)
    return [
        Chart(
            title=f"Throughput, requests {each}",
            columns=("computed", "submitted", "failed"),
            unit="",
            told=f"{computed:,} computed, {failed:,} failed",
        ),
        Chart(
            title="Queue, requests that wait",
            columns=("waited",),
            unit="",
            told=f"at most {deepest:,}",
        ),
        Chart(
            title="Latency, from submit to value",
            columns=("latency_mean", "latency_most"),
            unit="seconds",
            told=_latency_told(moments) if computed else "no value was computed",
        ),
        Chart(
            title="Batches, requests in each",
            columns=("batch_mean", "batch_most"),
            unit="",
            told=f"{plural(batches, 'batch', 'batches')}, "
            f"the largest of {max((moment.largest_batch for moment in moments), default=0):,}",
        ),
    ]


def _latency_told(moments: Sequence[Moment]) -> str:
    mean = sum(each.latency_seconds for each in moments) / sum(each.succeeded for each in moments)
    most = max(each.slowest_seconds for each in moments)
    return f"{duration(round(mean, 3))} on average, at most {duration(most)}"
