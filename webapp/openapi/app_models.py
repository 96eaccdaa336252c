"""What the app tells of itself as types: the catalogue, its health, its description."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from webapp.openapi.models import Count, Page, Seconds


class Counts(BaseModel):
    """How busy a computation is."""

    pending: Count
    running: Count
    results: Count = Field(description="Known values.")
    workers: Count = Field(description="Live drain workers.")
    succeeded: Count
    failed: Count
    generation: Count
    item_seconds: Seconds | None = Field(description="Measured cost of one item.")
    dead_letters: Count


class Policy(BaseModel):
    """The computation's policy; all times in seconds."""

    fresh_for_seconds: Seconds | None = Field(description="null: until invalidated.")
    keep_for_seconds: Seconds
    hot_for_seconds: Seconds | None
    depends_on: list[str]
    version: str
    timeout_seconds: Seconds | None
    max_attempts: int = Field(ge=1)
    retry_backoff_seconds: Seconds
    max_batch: int = Field(ge=1)
    max_wait_seconds: Seconds
    max_pending: int = Field(ge=1)
    linger_seconds: Seconds
    workers: int = Field(ge=1)


class Links(BaseModel):
    """Where a computation's calls, its page and its DAG are."""

    self: str
    requests: str
    result: str
    latest: str
    page: str
    dag: str


class Computation(BaseModel):
    """What one computation takes, returns and promises, and how busy it is."""

    name: str
    title: str
    description: str
    parameters: dict[str, Any] = Field(description="JSON schema (2020-12) of the parameters.")
    result: dict[str, Any] = Field(description="JSON schema (2020-12) of one result.")
    policy: Policy
    counts: Counts
    links: Links


class Catalogue(Page):
    """All computations, by name."""

    computations: list[Computation]


class Liveness(BaseModel):
    """This process answers."""

    status: Literal["alive"]


class Readiness(BaseModel):
    """Whether the store answers, and all that is wrong."""

    status: Literal["ready", "unavailable"]
    warnings: list[str] = Field(default=[], description="For those who may read.")


class OpenApi(BaseModel):
    """An OpenAPI document."""

    openapi: Literal["3.1.1"]
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    tags: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]
