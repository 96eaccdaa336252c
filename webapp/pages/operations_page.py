"""The operations page: what waits, is stale, has failed, who works, and acts on all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from batchwell.access_tokens import Scope
from batchwell.errors import StoreUnavailable
from batchwell.overviews import Overview
from batchwell.store import AnyComputation, Store
from batchwell.store.operating import Crew
from webapp.access.caller import get_caller
from webapp.access.scopes import needs
from webapp.context import Context, get_context
from webapp.diagnosis import STORE_AWAY, import_warnings, neglect_warnings
from webapp.http.page_answer import page_answer
from webapp.monitoring.noting import trace_to_keep
from webapp.pages.glances import STATES, State, state_of
from webapp.pages.run_page import WorkerView, worker_view
from webapp.pages.words import plural

blueprint = Blueprint("operations_page", __name__)

MOST_AT_ONCE = 10_000
"""Requests that one press of a button asks for or cancels."""

MOST_REPLAYED = 1_000
"""Those that one press replays: each takes a round trip."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """A button: the ``scope`` it takes, and how many of ``noun`` it is about.

    ``asks`` is what to think of before, on a page of its own; "" where nothing can be lost.
    """

    name: str
    scope: Scope
    count: int
    noun: str
    asks: str = ""

    @property
    def about(self) -> str:
        """How many of what."""
        return plural(self.count, self.noun)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A computation, as those see it who look after it."""

    name: str
    title: str
    state: State
    overview: Overview
    workers: list[WorkerView]
    owed: int
    acts: list[Act]


@blueprint.get("/operations")
def show_operations() -> Response:
    """Show all computations: two round trips to the store, however many there are."""
    return _page("operations.html")


@blueprint.get("/operations/table")
def show_table() -> Response:
    """Show the same as a piece of a page, which the page asks for to stay true."""
    return _page("piece_operations.html")


@blueprint.post("/operations/<name>/refresh")
def refresh(name: str) -> AnyResponse:
    """Ask for what is stale."""
    store, computation = _of(name)
    return _did("refresh", name, store.refresh(computation, most=MOST_AT_ONCE))


@blueprint.post("/operations/<name>/replay")
@needs(Scope.ADMIN)
def replay(name: str) -> AnyResponse:
    """Replay what failed."""
    store, computation = _of(name)
    trace = trace_to_keep(request.environ)
    count = store.replay_failures(computation, most=MOST_REPLAYED, trace=trace)
    return _did("replay", name, count)


@blueprint.post("/operations/<name>/cancel")
@needs(Scope.ADMIN)
def cancel(name: str) -> AnyResponse:
    """Cancel what waits."""
    store, computation = _of(name)
    return _did("cancel", name, store.cancel_waiting(computation, most=MOST_AT_ONCE))


@blueprint.post("/operations/<name>/invalidate")
@needs(Scope.ADMIN)
def invalidate(name: str) -> AnyResponse:
    """Make every known value stale."""
    store, computation = _of(name)
    store.invalidate(computation)
    return _did("invalidate", name, 0)


@blueprint.get("/operations/<name>/<any(cancel, invalidate):act>")
@needs(Scope.ADMIN)
def ask_first(name: str, act: str) -> Response:
    """Ask whether an act is meant that cannot be taken back."""
    store, computation = _of(name)
    (overview,) = store.overviews([computation]).values()
    (found,) = [each for each in _acts(overview) if each.name == act]
    return page_answer("operation.html", computation=computation, act=found)


def _of(name: str) -> tuple[Store, AnyComputation]:
    context = get_context()
    return context.store, context.registry[name]


def _did(act: str, name: str, count: int) -> AnyResponse:
    """Show the page again, which tells what was done."""
    return redirect(f"/operations?{urlencode({'did': act, 'of': name, 'count': count})}", 303)


def _page(template: str) -> Response:
    context = get_context()
    warnings, rows, is_away = import_warnings(context), list[Row](), False
    try:
        overviews = context.store.overviews(context.registry)
        crews = context.store.crews(context.registry)
        warnings += neglect_warnings(overviews)
        rows = [_row(context, each, overviews, crews) for each in context.registry]
    except StoreUnavailable:
        warnings, is_away = [STORE_AWAY, *warnings], True
    return page_answer(
        template,
        503 if is_away else 200,
        warnings=warnings,
        rows=rows,
        is_away=is_away,
        states=STATES,
        told=_told(context),
    )


def _row(
    context: Context,
    computation: AnyComputation,
    overviews: Mapping[str, Overview],
    crews: Mapping[str, Crew],
) -> Row:
    name = computation.name
    overview, crew = overviews[name], crews[name]
    scopes = get_caller().scopes
    return Row(
        name=name,
        title=computation.title,
        state=state_of(overview),
        overview=overview,
        workers=[worker_view(worker, context.settings.airflow_url) for worker in crew.workers],
        owed=crew.owed,
        acts=[act for act in _acts(overview) if act.scope in scopes],
    )


def _acts(overview: Overview) -> list[Act]:
    return [
        Act(name="replay", scope=Scope.ADMIN, count=overview.dead_letters, noun="failure"),
        Act(name="refresh", scope=Scope.SUBMIT, count=overview.stale, noun="stale value"),
        Act(
            name="cancel",
            scope=Scope.ADMIN,
            count=overview.waiting,
            noun="waiting request",
            asks="Whoever asked is told that it was cancelled. What runs goes on.",
        ),
        Act(
            name="invalidate",
            scope=Scope.ADMIN,
            count=overview.fresh,
            noun="fresh value",
            asks="What is known is served as stale until it is computed again.",
        ),
    ]


def _told(context: Context) -> str:
    """Say what the act did after which this page is shown; "" where it is after none."""
    act, name, count = (request.args.get(part, "") for part in ("did", "of", "count"))
    if not (name in context.registry.computations and count.isascii() and count.isdigit()):
        return ""
    number = min(int(count[:9]), MOST_AT_ONCE)
    match act:
        case "replay":
            return f"{name}: {plural(number, 'failed request')} replayed."
        case "refresh":
            return f"{name}: {plural(number, 'stale value')} asked for."
        case "cancel":
            return f"{name}: {plural(number, 'waiting request')} cancelled."
        case "invalidate":
            return f"{name}: every known value is stale now."
        case _:
            return ""
