"""Parameters from a URL's query, refusing what is said twice."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qsl

from batchwell.errors import FieldError, InvalidParameters
from batchwell.parameters import Parameters
from batchwell.store import AnyComputation


@lru_cache(maxsize=1024)
def parse_query_string(computation: AnyComputation, query_string: bytes) -> Parameters:
    """Read ``n=40``; raise `InvalidParameters`.

    Cached: readers ask for the same few values again and again, and validation costs as much as
    all else of a cached read. A query is bounded by the server, so the cache is too.
    """
    return computation.parse_query(single_values(computation.name, query_string))


def single_values(computation: str, query_string: bytes) -> dict[str, str]:
    """Return the query's fields; raise `InvalidParameters` for repeated ones and for bad text."""
    try:
        pairs = parse_qsl(query_string.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise InvalidParameters(
            computation, [FieldError(field="query", message="is not UTF-8 text")]
        ) from None
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = sorted({name for name in names if names.count(name) > 1})
        raise InvalidParameters(
            computation,
            [FieldError(field=name, message="is given more than once") for name in repeated],
        )
    return values
