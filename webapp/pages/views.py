"""Records as the templates show them: JSON text read, addresses made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from batchwell.documents import iso_time
from batchwell.records import Result
from webapp.api import PREFIX

LARGEST_SHOWN = 50_000
"""Characters of JSON beyond which a value is only quoted from."""


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """A result on a page; ``value`` is None and ``excerpt`` set where it is too large to show."""

    result: Result
    params: dict[str, Any]
    value: Any
    excerpt: str | None
    computed_at: str | None
    fresh_until: str | None
    page_url: str
    api_url: str
    run_url: str | None


def result_view(result: Result, airflow_url: str) -> ResultView:
    """Prepare a result for a page."""
    params = json.loads(result.params)
    query = params_query(params)
    value, excerpt = _readable(result.value)
    run_url = None
    if result.dag_id and result.run_id:
        run = f"dags/{quote(result.dag_id, safe='')}/runs/{quote(result.run_id, safe='')}"
        run_url = f"{airflow_url}/{run}"
    return ResultView(
        result=result,
        params=params,
        value=value,
        excerpt=excerpt,
        computed_at=iso_time(result.computed_at),
        fresh_until=iso_time(result.fresh_until),
        page_url=f"/computations/{result.computation}?{query}",
        api_url=f"{PREFIX}/computations/{result.computation}/result?{query}",
        run_url=run_url,
    )


def params_query(params: dict[str, Any]) -> str:
    """Spell parameters as a URL's query, from which they are read back."""
    return urlencode(
        {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in params.items()
            if value is not None
        }
    )


def _readable(text: str) -> tuple[Any, str | None]:
    if len(text) > LARGEST_SHOWN:
        return None, text[:LARGEST_SHOWN]
    try:
        return json.loads(text), None
    except ValueError:  # an integer with more digits than Python converts
        return None, text
