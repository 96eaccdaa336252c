"""Records as the templates show them: JSON text read, addresses made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from batchwell.documents import run_url
from batchwell.known_results import Result
from batchwell.moments import iso_time
from batchwell.recent_results import KnownValue
from batchwell.store import AnyComputation
from webapp.api import PREFIX
from webapp.pages.showing import show_as_asked

LARGEST_SHOWN = 50_000
"""Characters of JSON beyond which a value is only quoted from."""


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """A result on a page; ``value`` is None and ``excerpt`` set where it is too large to show.

    ``shown`` is the value as its computation's author wants it to be seen, if he said how.
    """

    result: Result
    params: dict[str, Any]
    value: Any
    shown: Markup | None
    excerpt: str | None
    computed_at: str | None
    fresh_until: str | None
    page_url: str
    api_url: str
    run_url: str | None


def result_view(computation: AnyComputation, result: Result, airflow_url: str) -> ResultView:
    """Prepare a result for a page."""
    params = json.loads(result.params)
    query = params_query(params)
    is_large = len(result.value) > LARGEST_SHOWN
    value = None if is_large else json.loads(result.value)
    return ResultView(
        result=result,
        params=params,
        value=value,
        shown=None if is_large else show_as_asked(computation, value, params),
        excerpt=result.value[:LARGEST_SHOWN] if is_large else None,
        computed_at=iso_time(result.computed_at),
        fresh_until=iso_time(result.fresh_until),
        page_url=f"/computations/{result.computation}?{query}",
        api_url=f"{PREFIX}/computations/{result.computation}/result?{query}",
        run_url=run_url(result.dag_id, result.run_id, airflow_url),
    )


@dataclass(frozen=True, kw_only=True)
class KnownView:
    """A known value in a list; ``value`` is None where its JSON is long."""

    known: KnownValue
    params: dict[str, Any]
    value: Any
    has_value: bool
    computed_at: str | None
    page_url: str


def known_view(computation: AnyComputation, known: KnownValue) -> KnownView:
    """Prepare a known value for a page."""
    params = json.loads(known.params)
    return KnownView(
        known=known,
        params=params,
        value=None if known.value is None else json.loads(known.value),
        has_value=known.value is not None,
        computed_at=iso_time(known.computed_at),
        page_url=f"/computations/{computation.name}?{params_query(params)}",
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
