"""Computations as the first page shows them: how each is, at a glance."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from batchwell.documents import run_url
from batchwell.moments import iso_time
from batchwell.outlook import is_watched, why_nobody_drains
from batchwell.overviews import Overview
from batchwell.store import AnyComputation
from webapp.catalogue import dag_url
from webapp.context import Context
from webapp.diagnosis import is_neglected
from webapp.monitoring.tallies import Tallies
from webapp.pages.sparklines import spark_path, spark_text
from webapp.pages.views import params_query
from webapp.pages.words import one_line, plural

State: TypeAlias = Literal["draining", "starting", "stuck", "idle", "unwatched", "unknown"]

STATES: Mapping[State, str] = {
    "draining": "A worker drains it",
    "starting": "Airflow is starting a worker",
    "stuck": "Requests wait, and nobody drains it",
    "idle": "Nothing waits; Airflow watches it",
    "unwatched": "Nothing waits, but Airflow does not watch it",
    "unknown": "The store is away",
}
"""What each state means."""

UNKNOWN = "\N{EN DASH}"


@dataclass(frozen=True, kw_only=True)
class Latest:
    """The value computed last; ``text`` is its beginning, "" where it is too long for a glance."""

    text: str
    params: str
    at: str
    age_seconds: float
    page_url: str
    run_url: str | None


@dataclass(frozen=True, kw_only=True)
class Glance:
    """One computation; ``figures`` are ready to be shown, by what they count."""

    name: str
    title: str
    description: str
    dag_url: str
    state: State
    trouble: str
    figures: Mapping[str, str]
    spark: str
    spark_text: str
    latest: Latest | None

    def document(self) -> dict[str, object]:
        """Return what changes while the page stays open."""
        latest = self.latest
        return {
            "state": self.state,
            "means": STATES[self.state],
            "trouble": self.trouble,
            "figures": self.figures,
            "spark": self.spark,
            "sparkText": self.spark_text,
            "latest": None
            if latest is None
            else {
                "text": latest.text,
                "params": latest.params,
                "at": latest.at,
                "page": latest.page_url,
                "run": latest.run_url,
            },
        }


FIGURES = {
    "waiting": "waiting",
    "running": "running",
    "fresh": "fresh",
    "stale": "stale",
    "hits": "hit ratio",
    "failures": "failures",
}
"""What a glance counts, and what each is called."""


def glance(
    context: Context, computation: AnyComputation, overview: Overview | None, hits: str
) -> Glance:
    """Make ready what is told of a computation; ``overview`` is None while the store is away."""
    known = overview is not None
    paragraphs = computation.description.split("\n\n")
    airflow_url = context.settings.airflow_url
    counts = _counts(overview) if overview else dict.fromkeys(FIGURES, UNKNOWN)
    minutes = overview.minutes if overview else []
    return Glance(
        name=computation.name,
        title=computation.title,
        description="\n\n".join(paragraphs[1:2]),
        dag_url=dag_url(computation.name, airflow_url),
        state=state_of(overview),
        trouble=_trouble(computation.name, overview) if overview else "",
        figures={**counts, "hits": hits},
        spark=spark_path(minutes),
        spark_text=spark_text(minutes) if known else "",
        latest=_latest(computation.name, overview, airflow_url) if overview else None,
    )


def hit_ratios(tallies: Tallies) -> dict[str, str]:
    """Return the share of questions that a fresh value answered at once, by computation.

    Counts reads and submits alike, since the web app's figures began. Who has been asked nothing
    is missing.
    """
    asked: Counter[str] = Counter()
    fresh: Counter[str] = Counter()
    for key, cell in tallies.total()[0].items():
        if key[0] in ("read", "submit"):
            asked[key[1]] += int(cell[0])
            fresh[key[1]] += int(cell[0]) if key[2] == "fresh" else 0
    return {name: f"{100 * fresh[name] // count} %" for name, count in asked.items() if count}


def airflow_told(overviews: Iterable[Overview]) -> str:
    """Say in a sentence or two whether Airflow watches, and how many workers drain."""
    found = list(overviews)
    workers = sum(each.workers for each in found)
    watched = sum(is_watched(each.attention) for each in found)
    if watched == len(found):
        watches = "Airflow watches every computation"
    elif watched:
        watches = f"Airflow watches {watched} of {plural(len(found), 'computation')}"
    else:
        watches = "Airflow watches no computation: it does not run, or their DAGs are paused"
    if not workers:
        return f"{watches}. No worker is draining."
    return f"{watches}. {plural(workers, 'worker')} {'is' if workers == 1 else 'are'} draining."


def _counts(overview: Overview) -> dict[str, str]:
    counts = {
        "waiting": overview.waiting,
        "running": overview.running,
        "fresh": overview.fresh,
        "stale": overview.stale,
        "failures": overview.dead_letters,
    }
    return {name: f"{count:,}" for name, count in counts.items()}


def state_of(overview: Overview | None) -> State:
    """Return in which state a computation is; ``overview`` is None while the store is away."""
    if overview is None:
        return "unknown"
    if overview.workers:
        return "draining"
    if is_neglected(overview):
        return "stuck"
    if overview.waiting:
        return "starting"
    return "idle" if is_watched(overview.attention) else "unwatched"


def _trouble(name: str, overview: Overview) -> str:
    """Say what is wrong with a computation, if anything is."""
    if not is_neglected(overview):
        return ""
    why = why_nobody_drains(name, overview.attention)
    return f"{why[0].upper()}{why[1:]}."


def _latest(name: str, overview: Overview, airflow_url: str) -> Latest | None:
    latest = overview.latest
    if latest is None:
        return None
    params = json.loads(latest.params)
    return Latest(
        text=one_line(json.loads(latest.value)) if latest.value else "",
        params=", ".join(f"{key} = {one_line(value)}" for key, value in params.items()),
        at=iso_time(latest.computed_at) or "",
        age_seconds=max(0.0, overview.attention.read_at - latest.computed_at),
        page_url=f"/computations/{name}?{params_query(params)}",
        run_url=run_url(latest.dag_id or None, latest.run_id or None, airflow_url),
    )
