"""The first page: how each computation is, kept true while the page stays open."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, current_app, request
from werkzeug.wrappers import Response as AnyResponse

from batchwell.errors import StoreUnavailable
from batchwell.overviews import Overview
from webapp.access.scopes import needs
from webapp.context import Context, get_context
from webapp.diagnosis import STORE_AWAY, import_warnings, neglect_warnings, shortened
from webapp.http.answers import json_answer
from webapp.http.page_answer import page_answer
from webapp.pages.glances import FIGURES, STATES, UNKNOWN, Glance, airflow_told, glance, hit_ratios

blueprint = Blueprint("home", __name__)

MOST_CARDS = 12
"""More computations are shown as a table."""

MOST_TOLD = 2
"""Computations that the top of the page tells are not drained; the health page tells of more."""


@blueprint.get("/")
def show_home() -> Response:
    """Show all computations: two round trips to the store, however many there are."""
    context = get_context()
    warnings, overviews = import_warnings(context), None
    try:
        overviews = context.store.overviews(context.registry)
        warnings += context.store.warnings() + shortened(neglect_warnings(overviews), MOST_TOLD)
    except StoreUnavailable:
        warnings = [STORE_AWAY, *warnings]
    return page_answer(
        "home.html",
        200 if overviews is not None else 503,
        warnings=warnings,
        glances=_glances(context, overviews),
        airflow_told=airflow_told(overviews.values()) if overviews else "",
        is_away=overviews is None,
        is_long=len(context.registry.computations) > MOST_CARDS,
        figures=FIGURES,
        states=STATES,
        dags_folder=context.settings.dags_folder,
    )


@blueprint.get("/pulse")
def show_pulse() -> AnyResponse:
    """Tell the first page what may have changed on it; 304 when nothing has."""
    context = get_context()
    overviews = context.store.overviews(context.registry)
    answer = json_answer(
        {
            "told": airflow_told(overviews.values()),
            "computations": {each.name: each.document() for each in _glances(context, overviews)},
        }
    )
    answer.add_etag()
    return answer.make_conditional(request)


def _glances(context: Context, overviews: Mapping[str, Overview] | None) -> list[Glance]:
    hits = hit_ratios(context.tallies)
    known = overviews or {}
    return [
        glance(context, each, known.get(each.name), hits.get(each.name, UNKNOWN))
        for each in context.registry
    ]


@blueprint.get("/favicon.ico")
@needs(None)
def show_favicon() -> Response:
    """Serve the icon to browsers that ask for it where it always was."""
    return current_app.send_static_file("icon.svg")
