"""What a URL's query says; refusing what is misspelt, unknown or said twice."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl

from batchwell.errors import FieldError, InvalidParameters
from batchwell.parameters import Parameters
from batchwell.store import AnyComputation

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@lru_cache(maxsize=1024)
def parse_query_string(computation: AnyComputation, query_string: bytes) -> Parameters:
    """Read ``n=40``; raise `InvalidParameters`.

    Cached: readers ask for the same few values again and again, and validation costs as much as
    all else of a cached read. A query is bounded by the server, so the cache is too.
    """
    return computation.parse_query(single_values(computation.name, query_string))


def refuse_query(query_string: bytes) -> None:
    """Raise `InvalidParameters` for a query where none is known."""
    if query_string:
        names = single_values("this call", query_string)
        raise InvalidParameters(
            "this call", [FieldError(field=name, message="is not known here") for name in names]
        )


def single_values(computation: str, query_string: bytes) -> dict[str, str]:
    """Return the query's fields; raise `InvalidParameters` for repeated ones and for bad text."""
    if broken := _BROKEN_ESCAPE.search(query_string):
        before = query_string[: broken.start()].rpartition(b"&")[2]
        field = before.partition(b"=")[0].decode(errors="replace") or "query"
        message = "has a % that two hexadecimal digits do not follow; a % itself is %25"
        raise InvalidParameters(computation, [FieldError(field=field, message=message)])
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
