"""HTML answers: rendered, and with the headers that keep a page to itself."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from flask import Response, make_response, render_template

from webapp.context import get_context


def page_answer(template: str, status: int = 200, **values: object) -> Response:
    """Render a page; every one of them may use ``airflow_url``."""
    airflow_url = get_context().settings.airflow_url
    response = make_response(render_template(template, airflow_url=airflow_url, **values), status)
    response.headers.update(_headers(airflow_url))
    return response


@lru_cache(maxsize=8)
def _headers(airflow_url: str) -> dict[str, str]:
    """Allow nothing but our own files, and nobody but Airflow to show the page in a frame."""
    airflow = urlsplit(airflow_url)
    policy = [
        "default-src 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'self'",
        f"frame-ancestors 'self' {airflow.scheme}://{airflow.netloc}",
    ]
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
