"""What a URL's query says: parameters, or a part of a list; refusing what is said twice."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from batchwell.errors import FieldError, InvalidParameters
from batchwell.parameters import Parameters, field_errors
from batchwell.store import AnyComputation


@lru_cache(maxsize=1024)
def parse_query_string(computation: AnyComputation, query_string: bytes) -> Parameters:
    """Read ``n=40``; raise `InvalidParameters`.

    Cached: readers ask for the same few values again and again, and validation costs as much as
    all else of a cached read. A query is bounded by the server, so the cache is too.
    """
    return computation.parse_query(single_values(computation.name, query_string))


class Page(BaseModel):
    """Which part of a list to answer with."""

    model_config = ConfigDict(extra="forbid")

    start: Annotated[int, Field(ge=0, le=10**9)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


def read_page(query_string: bytes) -> Page:
    """Read ``start=100&limit=50``; raise `InvalidParameters`."""
    try:
        return Page.model_validate(single_values("a list", query_string))
    except ValidationError as error:
        raise InvalidParameters("a list", field_errors(error)) from None


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
