"""The first page: a card for each computation."""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from webapp.access.scopes import needs
from webapp.context import get_context
from webapp.http.page_answer import page_answer
from webapp.pages.cards import lay_out

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show_home() -> Response:
    """Show all computations."""
    context = get_context()
    table = lay_out(context, list(context.registry))
    return page_answer(
        "home.html",
        503 if table.is_away else 200,
        table=table,
        dags_folder=context.settings.dags_folder,
    )


@blueprint.get("/favicon.ico")
@needs(None)
def show_favicon() -> Response:
    """Serve the icon to browsers that ask for it where it always was."""
    return current_app.send_static_file("icon.svg")
