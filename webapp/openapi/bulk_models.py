"""A bulk submit as types: its body, and what became of each item."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from webapp.http import bulk_body
from webapp.openapi.models import Count, Problem, Result


class RequestLink(BaseModel):
    """Where a request's status document is."""

    self: str


class FreshOutcome(BaseModel):
    """A fresh value is known."""

    outcome: Literal["fresh"]
    result: Result | None = Field(description="null where the answer would grow too large.")


class AcceptedOutcome(BaseModel):
    """A request was recorded, or one under way was attached to."""

    outcome: Literal["accepted"]
    request: str
    links: RequestLink
    previous: Result | None = Field(description="The stale value, when one is known.")


class FullOutcome(BaseModel):
    """The queue is full: nothing was recorded for this item."""

    outcome: Literal["full"]
    previous: Result | None
    problem: Problem


class InvalidOutcome(BaseModel):
    """The item does not fit: nothing was recorded for it."""

    outcome: Literal["invalid"]
    problem: Problem


class OutcomeCounts(BaseModel):
    """How many items had which outcome."""

    fresh: Count
    accepted: Count
    full: Count
    invalid: Count


class BulkAnswer(BaseModel):
    """What became of each item of a bulk submit, in their order."""

    computation: str
    counts: OutcomeCounts
    outcomes: list[
        Annotated[
            FreshOutcome | AcceptedOutcome | FullOutcome | InvalidOutcome,
            Field(discriminator="outcome"),
        ]
    ]


class BulkItem(BaseModel):
    """One item of a bulk submit."""

    model_config = ConfigDict(extra="forbid")

    params: object


class BulkBody(bulk_body.BulkBody):
    """What a client says when it asks for many computings: the items, and what holds for all."""

    # Narrower than what is validated: a bad item spoils only itself.
    items: Annotated[  # type: ignore[assignment]
        list[BulkItem], Field(min_length=1, max_length=bulk_body.MOST_ITEMS)
    ]
