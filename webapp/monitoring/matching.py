"""Which route a request fits, for those who see it from outside Flask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MATCHED = "batchwell.matched"
"""Where a WSGI environment has the match of a request that did not get as far as Flask."""

UNMATCHED = "unmatched"
"""The route of requests that fit none."""


class Matched(NamedTuple):
    """A route, as it is written in the code, and what the request's path has for its names."""

    route: str
    names: Mapping[str, Any]


def matched(environ: WSGIEnvironment) -> Matched:
    """Return what a request fits."""
    if (found := environ.get(MATCHED)) is not None:
        return found  # type: ignore[no-any-return]  # an environment may hold anything
    request = environ["werkzeug.request"]
    rule = request.url_rule
    return Matched(UNMATCHED if rule is None else rule.rule, request.view_args or {})
