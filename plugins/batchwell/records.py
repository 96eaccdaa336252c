"""Requests as they come out of the store: immutable, times in seconds, JSON kept as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from batchwell import replies
from batchwell.deliveries import Delivery
from batchwell.identifiers import request_id
from batchwell.known_results import Result
from batchwell.replies import Fields


class Status(StrEnum):
    """Where a request is; ``succeeded``, ``failed``, ``cancelled`` and ``expired`` are final."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_terminal(self) -> bool:
        """Whether a request stays in this status for ever."""
        return self not in (Status.PENDING, Status.RUNNING)


class Priority(StrEnum):
    """How urgent a request is; waiting raises it, so that bulk is never starved."""

    INTERACTIVE = "interactive"
    NORMAL = "normal"
    BULK = "bulk"

    @property
    def offset_seconds(self) -> int:
        """How much longer than an interactive one such a request may wait."""
        return {"interactive": 0, "normal": 60, "bulk": 3600}[self.value]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryError:
    """One error on a request's way."""

    at: float
    attempt: int
    kind: str
    type: str
    message: str

    @classmethod
    def decode(cls, text: str) -> list[StoryError]:
        """Read the JSON that the scripts keep."""
        return [
            cls(
                at=error["at"] / 1000,
                attempt=error["attempt"],
                kind=error["kind"],
                type=error["type"],
                message=error["message"],
            )
            for error in json.loads(text)
        ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attention:
    """Who attends to a computation's requests, as it was at ``read_at``.

    ``item_seconds`` is the measured cost of one item, ``start_seconds`` the time from waking
    Airflow to its first worker. The trigger last watched at ``watched_at``, and stopped at
    ``unwatched_at``; after a worker was last seen it first woke Airflow at ``woken_at``.
    """

    workers: int
    running: int
    item_seconds: float | None
    start_seconds: float | None
    seen_at: float | None
    watched_at: float | None
    unwatched_at: float | None
    woken_at: float | None
    read_at: float

    @classmethod
    def decode(cls, reply: Fields) -> Attention:
        """Read what the scripts tell of it."""
        workers, running, *times, now = reply
        item, start, seen, watched, unwatched, woken = map(replies.seconds, times)
        return cls(
            workers=int(workers),
            running=int(running),
            item_seconds=item,
            start_seconds=start,
            seen_at=seen,
            watched_at=watched,
            unwatched_at=unwatched,
            woken_at=woken if woken and woken > (seen or 0) else None,
            read_at=int(now) / 1000,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One demand to compute, and what its waiting depends on.

    ``position`` counts from 0 (next to be claimed) and is None unless queued, with ``queued``
    others; ``retry_at`` is set while a retry waits for its time; ``call_size`` is how many are
    computed in one call.
    """

    id: str
    computation: str
    params: str
    status: Status
    submitted_at: float
    started_at: float | None
    finished_at: float | None
    attempt: int
    progress_fraction: float | None
    progress_message: str
    error_kind: str | None
    error_type: str | None
    error_message: str
    error_traceback: str
    story: Sequence[StoryError]
    retried_by: str | None
    dag_id: str | None
    run_id: str | None
    position: int | None
    queued: int
    retry_at: float | None
    call_size: int
    attention: Attention
    result: Result | None
    deliveries: Sequence[Delivery] = ()

    @classmethod
    def decode(
        cls,
        computation: str,
        token: str,
        told: Sequence[Any],
        result: Fields,
        *,
        call_size: int = 1,
    ) -> Request | None:
        """Read what the scripts tell of a request, and of its result; None where it is nothing."""
        if not told:
            return None
        fields, place, attention, deliveries = told
        has = replies.mapping(fields)
        position, retry_at, queued = place
        return cls(
            id=request_id(computation, token),
            computation=computation,
            params=has["params"],
            status=Status(has["status"]),
            submitted_at=int(has["submitted_at"]) / 1000,
            started_at=replies.seconds(has.get("started_at")),
            finished_at=replies.seconds(has.get("finished_at")),
            attempt=int(has.get("attempt", 0)),
            progress_fraction=replies.number(has.get("progress_fraction")),
            progress_message=has.get("progress_message", ""),
            error_kind=has.get("error_kind"),
            error_type=has.get("error_type"),
            error_message=has.get("error_message", ""),
            error_traceback=has.get("error_traceback", ""),
            story=StoryError.decode(has["story"]) if "story" in has else [],
            retried_by=(
                request_id(computation, has["retried_by"]) if "retried_by" in has else None
            ),
            dag_id=has.get("dag_id") or None,
            run_id=has.get("run_id") or None,
            position=int(position) if int(position) >= 0 else None,
            queued=int(queued),
            retry_at=replies.seconds(retry_at),
            call_size=call_size,
            attention=Attention.decode(attention),
            result=Result.decode(computation, result),
            deliveries=[
                delivery
                for one in deliveries
                if (delivery := Delivery.decode(computation, one)) is not None
            ],
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a request stands, in as few words as tell whether it has changed; status None: unknown.

    ``detail`` is only to be compared: attempt, progress, position, live workers.
    """

    status: Status | None
    detail: tuple[bytes | int, ...]

    @classmethod
    def decode(cls, reply: Fields) -> Standing:
        """Read one item of the reply of the look script."""
        status, *detail = reply
        return cls(status=Status(replies.text(status)) if status else None, detail=tuple(detail))

    @property
    def is_over(self) -> bool:
        """Whether nothing more will change."""
        return self.status is None or self.status.is_terminal


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What became of one submit; ``result`` is the fresh value, or the previous one if known.

    ``request`` is None when a fresh result answered and nothing is under way, or when the queue
    was full. ``record`` is that request's, where it was asked for.
    """

    outcome: Literal["fresh", "attached", "created", "full", "crowded"]
    request: str | None
    result: Result | None
    record: Request | None = None

    @classmethod
    def decode(cls, computation: str, reply: Sequence[Any], *, call_size: int = 1) -> Submission:
        """Read one item of the reply of the submit script."""
        outcome, token = replies.text(reply[0]), replies.text(reply[1])
        result, *told = reply[2:]
        if outcome not in ("fresh", "attached", "created", "full", "crowded"):
            raise ValueError(f"the submit script answered {outcome!r}")
        return cls(
            outcome=outcome,  # type: ignore[arg-type]  # checked in the line above
            request=request_id(computation, token) if token else None,
            result=Result.decode(computation, result) if result else None,
            record=(
                Request.decode(computation, token, told[0], result, call_size=call_size)
                if told
                else None
            ),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetters:
    """Some of the ``total`` dead letters; ``next`` is the place to go on after, "" at the end."""

    total: int
    requests: Sequence[Request]
    next: str
