"""HTML answers: rendered, with what every page may use."""

from __future__ import annotations

from flask import Response, make_response, render_template

from webapp.access.caller import get_caller
from webapp.context import get_context


def page_answer(template: str, status: int = 200, **values: object) -> Response:
    """Render a page; every one of them may use ``airflow_url``, ``has_feed`` and ``caller``."""
    context = get_context()
    page = render_template(
        template,
        airflow_url=context.settings.airflow_url,
        has_feed="feed" in context.registry.computations,
        caller=get_caller(),
        **values,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
