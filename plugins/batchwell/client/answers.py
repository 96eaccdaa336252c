"""What the API answers, as immutable records whose fields are those of the documents.

A member that is unknown here is left aside, so that a newer web app does no harm; ``document``
has all of them, as they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NotRequired, TypeAlias, TypedDict

from batchwell.client.client_errors import EndedWithoutValue, Problem

Document: TypeAlias = Mapping[str, Any]

_UNENDED = ("pending", "running")


@dataclass(frozen=True, kw_only=True)
class ErrorNote:
    """One error on the way to a value; of kind "user" if the computation itself raised it."""

    type: str
    message: str
    kind: str | None = None
    attempt: int | None = None
    at: datetime | None = None
    traceback: str | None = None


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a value comes from."""

    version: str
    generation: int
    attempt: int
    duration_seconds: float
    batch_size: int
    dag_id: str | None = None
    run_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Result:
    """A known value; ``state`` is "fresh" or "stale", ``request`` the one that computed it.

    ``stand_in``: it stands in, with parameters of its own, for one that was never computed.
    """

    computation: str
    params: Document
    value: Any
    state: str
    computed_at: datetime
    age_seconds: float
    request: str
    provenance: Provenance
    fresh_until: datetime | None = None
    refreshing: bool = False
    refreshed_by: str | None = None
    last_error: ErrorNote | None = None
    stand_in: bool = False
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a running request is: ``fraction`` from 0 to 1, None if the function tells none."""

    fraction: float | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The run in Airflow that computes or computed."""

    dag_id: str
    run_id: str
    url: str | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """How a request stands."""

    id: str
    computation: str
    params: Document
    status: str
    submitted_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int = 0
    progress: Progress = Progress()
    position: int | None = None
    eta_seconds: float | None = None
    waiting_because: str | None = None
    result: Result | None = None
    error: ErrorNote | None = None
    story: Sequence[ErrorNote] = ()
    retried_by: str | None = None
    run: Run | None = None
    deliveries: Sequence[Delivery] = ()
    document: Document = field(repr=False, compare=False)

    @property
    def has_ended(self) -> bool:
        """Whether it stays as it is for ever."""
        return self.status not in _UNENDED

    def outcome(self) -> Result:
        """Return the result; raise `EndedWithoutValue` with the error of the last attempt."""
        if self.result is not None:
            return self.result
        reason = f"{self.error.type}: {self.error.message}" if self.error else ""
        raise EndedWithoutValue(self.id, self.status, reason)


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What became of a submit: a fresh ``result``, or the ``request`` that will bring one.

    ``previous`` is a stale value that is known meanwhile.
    """

    result: Result | None
    request: Request | None
    previous: Result | None
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class BulkOutcome:
    """What became of one item: "fresh", "accepted" (``request`` is its id), "full" or "invalid".

    ``problem`` tells why an item was not accepted.
    """

    outcome: str
    result: Result | None = None
    request: str | None = None
    previous: Result | None = None
    problem: Problem | None = None
    document: Document = field(repr=False, compare=False)


class ActionTold(TypedDict):
    """Something that a user did with an item; ``at``: with a time zone, or Unix seconds."""

    user: str
    item: str
    action: str
    id: NotRequired[str]
    at: NotRequired[datetime | float | str]


@dataclass(frozen=True, kw_only=True)
class RefusedAction:
    """An action that was not recorded; ``index`` is its place, ``problem`` tells why.

    ``outcome``: "limited" (its user did too much) or "invalid".
    """

    index: int
    outcome: str
    problem: Problem
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class ActionsTaken:
    """How many actions were recorded, and those that were not."""

    accepted: int
    refused: Sequence[RefusedAction]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How much of everything a computation has."""

    pending: int
    running: int
    results: int
    workers: int
    succeeded: int
    failed: int
    generation: int
    dead_letters: int
    item_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class CatalogueEntry:
    """A computation: JSON schemas of its parameters and its result, policy and live counts."""

    name: str
    title: str
    description: str
    parameters: Document
    result: Document
    policy: Document
    counts: Counts
    links: Mapping[str, str] = field(default_factory=dict)
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Generation:
    """The generation that an invalidate began."""

    computation: str
    generation: int
    document: Document = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A webhook's message; ``status`` is "owed", "delivered" or "dead".

    ``answer`` is the HTTP status that the last attempt met with, ``error`` why it failed;
    ``due_at`` is when the next one is.
    """

    id: str
    request: str
    type: str
    url: str
    status: str
    attempts: int
    owed_at: datetime
    attempted_at: datetime | None = None
    due_at: datetime | None = None
    answer: int | None = None
    error: str | None = None
    document: Document = field(repr=False, compare=False)
