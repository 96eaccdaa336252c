"""The answers of the API as types: what `batchwell.documents` and the routes make, described.

Nothing is validated with them while serving: a test holds real answers against them instead. The
members ``computation``, ``params`` and ``value`` are narrowed to each computation's own types where
the document tells of one computation.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, Field

from batchwell.records import Status

Seconds: TypeAlias = Annotated[float, Field(ge=0)]
Count: TypeAlias = Annotated[int, Field(ge=0)]


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="A dotted path.", examples=["legs.0.strike"])
    message: str


class Problem(BaseModel):
    """An answer that is not what was asked for (RFC 9457)."""

    type: str = Field(
        description="Stable; its address explains it.", examples=["/problems/invalid-parameters"]
    )
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    errors: list[FieldError] = Field(default=[], description="The offending fields.")


class Provenance(BaseModel):
    """Where a value comes from."""

    version: str = Field(description="Of the computation's code.", examples=["1"])
    generation: Count = Field(description="Of the computation, when the value was computed.")
    attempt: int = Field(description="Which try it was that gave the value.", ge=1)
    duration_seconds: Seconds = Field(description="How long the computing took.")
    batch_size: int = Field(description="How many requests were computed together.", ge=1)
    dag_id: str | None = Field(description="Airflow's DAG; null when computed outside Airflow.")
    run_id: str | None = Field(description="Airflow's run.")


class LastError(BaseModel):
    """The error of a recompute that failed after the value was computed."""

    at: datetime
    type: str
    message: str


class Result(BaseModel):
    """The last computed value for one set of parameters."""

    computation: str
    params: dict[str, Any] = Field(description="Its parameters, defaults filled in.")
    value: Any = Field(description="What the computation returned.")
    state: Literal["fresh", "stale"] = Field(description="A stale value is still served.")
    computed_at: datetime
    age_seconds: Seconds
    fresh_until: datetime | None = Field(description="null: until invalidated.")
    refreshing: bool = Field(description="Whether a new value is on its way.")
    refreshed_by: str | None = Field(description="The request that will replace the value.")
    last_error: LastError | None
    request: str = Field(description="The request that computed the value.")
    provenance: Provenance
    stand_in: Literal[True] | None = Field(
        default=None,
        description="Set where the value that was asked for was never computed, and this one, of "
        "other parameters, stands in for it.",
    )


class Progress(BaseModel):
    """How far the computing is, as far as the function tells."""

    fraction: Annotated[float, Field(ge=0, le=1)] | None
    message: str


class RequestError(BaseModel):
    """The error of the last attempt, while none has succeeded."""

    kind: Literal["user", "system"] = Field(
        description="user: the computation raised it; system: a time limit, a process that died …"
    )
    type: str = Field(examples=["ValueError"])
    message: str
    traceback: str | None = Field(description="Where the computation raised it, if it did.")


class StoryError(BaseModel):
    """One error on a request's way."""

    at: datetime
    attempt: Count
    kind: Literal["user", "system"]
    type: str
    message: str


class Delivery(BaseModel):
    """A message of a request's end, which is or was owed to a URL."""

    id: str = Field(
        description="Also the message's `webhook-id`.", examples=["fibonacci-4yszdrlteyhu3bsf-1"]
    )
    request: str = Field(examples=["fibonacci-4yszdrlteyhu3bsf"])
    type: str = Field(examples=["request.succeeded"])
    url: str = Field(description="In a request's document its scheme and host alone.")
    status: Literal["owed", "delivered", "dead"]
    attempts: Count
    owed_at: datetime
    attempted_at: datetime | None = Field(description="The last attempt.")
    due_at: datetime | None = Field(description="The next attempt, while it is owed.")
    answer: int | None = Field(description="The receiver's status at the last attempt.")
    error: str | None = Field(description="Why the last attempt failed.")


class Run(BaseModel):
    """The run in Airflow that took the request."""

    dag_id: str
    run_id: str
    url: str


class Request(BaseModel):
    """One demand to compute one computation for one set of parameters, and how it stands."""

    id: str = Field(examples=["fibonacci-4yszdrlteyhu3bsf"])
    computation: str
    params: dict[str, Any] = Field(description="Its parameters, defaults filled in.")
    status: Status = Field(
        description="pending → running → one of the other four, which are final."
    )
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempt: Count
    progress: Progress
    position: Count | None = Field(description="How many wait ahead of it; null unless queued.")
    eta_seconds: Seconds | None = Field(
        description="How long until it succeeds, by measured cost; null where nothing tells."
    )
    waiting_because: str | None = Field(description="In words, while it is pending.")
    result: Result | None = Field(description="Set once the request has succeeded.")
    error: RequestError | None
    story: list[StoryError] = Field(description="All its errors so far.")
    retried_by: str | None = Field(description="The request that replays this one.")
    run: Run | None
    deliveries: list[Delivery] = Field(
        default=[], description="Once it has ended, where a submit named a webhook."
    )


class Event(BaseModel):
    """One of the server-sent events that follow a request."""

    event: Literal["status", "progress", "end"] = Field(
        default="status", description="status: it has another; progress: anything else is new."
    )
    id: str = Field(default="", description="For `Last-Event-ID`.", examples=["running-1c291ca3"])
    data: str = Field(
        default="",
        description="The request's document, as JSON.",
        json_schema_extra={"contentMediaType": "application/json"},
    )
    retry: int = Field(default=2000, description="When to come back, in milliseconds.")


class Accepted(Request):
    """A request that was accepted, or that the submit attached to."""

    previous: Result | None = Field(description="The stale value, when one is known.")


class Page(BaseModel):
    """A part of a list."""

    next: str | None = Field(description="The `cursor` of the next page; null: this is the last.")


class Failures(Page):
    """Dead letters: requests that failed for good, the latest first."""

    failures: list[Request]
    total: Count = Field(description="How many there are in all.")


class Deliveries(Page):
    """Messages that are or were owed to webhooks, the latest first."""

    deliveries: list[Delivery]


class Invalidation(BaseModel):
    """A new generation has begun: every value of an older one is stale."""

    computation: str
    generation: Count
