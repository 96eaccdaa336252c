"""The records that come out of the store: immutable, times in seconds, JSON kept as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from batchwell.deliveries import Delivery
from batchwell.identifiers import request_id
from batchwell.replies import Fields
from batchwell.replies import mapping as _mapping
from batchwell.replies import number as _float
from batchwell.replies import seconds as _seconds
from batchwell.replies import text as _text


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
class LastError:
    """The error of a recompute that failed after the last good value was computed."""

    at: float
    type: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The last good value for one set of parameters, as it was at ``read_at``.

    ``last_error`` is that of a recompute that failed since; ``refresh_early`` asks the reader of
    a hot value to have it recomputed before it goes stale.
    """

    computation: str
    params: str
    value: str
    state: Literal["fresh", "stale"]
    read_at: float
    computed_at: float
    fresh_until: float | None
    refreshed_by: str | None
    request: str
    version: str
    generation: int
    attempt: int
    duration_seconds: float
    batch_size: int
    dag_id: str | None
    run_id: str | None
    last_error: LastError | None
    refresh_early: bool

    @property
    def age_seconds(self) -> float:
        """How old the value was when it was read."""
        return self.read_at - self.computed_at

    @classmethod
    def decode(cls, computation: str, fields: Fields) -> Result | None:
        """Read the reply of a script; None for an empty one."""
        if not fields:
            return None
        has = _mapping(fields)
        return cls(
            computation=computation,
            params=has["params"],
            value=has["value"],
            state="fresh" if has["state"] == "fresh" else "stale",
            read_at=int(has["now"]) / 1000,
            computed_at=int(has["computed_at"]) / 1000,
            fresh_until=_seconds(has["fresh_until"]),
            refreshed_by=request_id(computation, has["active"]) if has["active"] else None,
            request=request_id(computation, has["request"]),
            version=has["version"],
            generation=int(has["generation"]),
            attempt=int(has["attempt"]),
            duration_seconds=float(has["duration_seconds"]),
            batch_size=int(has["batch_size"]),
            dag_id=has["dag_id"] or None,
            run_id=has["run_id"] or None,
            last_error=(
                LastError(
                    at=int(has["failed_at"]) / 1000,
                    type=has["error_type"],
                    message=has["error_message"],
                )
                if "failed_at" in has
                else None
            ),
            refresh_early="early" in has,
        )


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
        workers, running, *times, now = map(_text, reply)
        item, start, seen, watched, unwatched, woken = map(_seconds, times)
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
        cls, computation: str, token: str, reply: Sequence[Any], *, call_size: int = 1
    ) -> Request | None:
        """Read the reply of the inspect script; None for an empty one."""
        if not reply:
            return None
        has = _mapping(reply[0])
        position, retry_at, queued = map(_text, reply[1])
        return cls(
            id=request_id(computation, token),
            computation=computation,
            params=has["params"],
            status=Status(has["status"]),
            submitted_at=int(has["submitted_at"]) / 1000,
            started_at=_seconds(has.get("started_at")),
            finished_at=_seconds(has.get("finished_at")),
            attempt=int(has.get("attempt", 0)),
            progress_fraction=_float(has.get("progress_fraction")),
            progress_message=has.get("progress_message", ""),
            error_kind=has.get("error_kind"),
            error_type=has.get("error_type"),
            error_message=has.get("error_message", ""),
            story=StoryError.decode(has.get("story", "[]")),
            retried_by=(
                request_id(computation, has["retried_by"]) if "retried_by" in has else None
            ),
            dag_id=has.get("dag_id") or None,
            run_id=has.get("run_id") or None,
            position=int(position) if int(position) >= 0 else None,
            queued=int(queued),
            retry_at=_seconds(retry_at),
            call_size=call_size,
            attention=Attention.decode(reply[2]),
            result=Result.decode(computation, reply[3]),
            deliveries=[
                delivery
                for one in reply[4]
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
        return cls(status=Status(_text(status)) if status else None, detail=tuple(detail))

    @property
    def is_over(self) -> bool:
        """Whether nothing more will change."""
        return self.status is None or self.status.is_terminal


@dataclass(frozen=True, kw_only=True, slots=True)
class Submission:
    """What became of one submit; ``result`` is the fresh value, or the previous one if known.

    ``request`` is None when a fresh result answered and nothing is under way, or when the queue
    was full.
    """

    outcome: Literal["fresh", "attached", "created", "full", "crowded"]
    request: str | None
    result: Result | None

    @classmethod
    def decode(cls, computation: str, reply: tuple[bytes, bytes, Fields]) -> Submission:
        """Read one item of the reply of the submit script."""
        outcome = _text(reply[0])
        if outcome not in ("fresh", "attached", "created", "full", "crowded"):
            raise ValueError(f"the submit script answered {outcome!r}")
        return cls(
            outcome=outcome,  # type: ignore[arg-type]  # checked in the line above
            request=request_id(computation, _text(reply[1])) if reply[1] else None,
            result=Result.decode(computation, reply[2]),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """A lease on one request.

    ``attempt`` is the fencing token, ``previous`` the last value, ``trace`` the name by which who
    asked knows the request.
    """

    token: str
    attempt: int
    params: str
    previous: str = ""
    trace: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """The requests that one worker claimed together, and the generation they are computed in.

    ``delivery_due_seconds``: when the next delivery of the computation is due; None when none is
    owed.
    """

    generation: str
    claims: Sequence[Claim]
    delivery_due_seconds: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Heartbeat:
    """What a heartbeat told: the tokens that are no longer the worker's, and the next delivery."""

    lost: set[str]
    delivery_due_seconds: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetters:
    """Some of the ``total`` dead letters; ``next`` is the place to go on after, "" at the end."""

    total: int
    requests: Sequence[Request]
    next: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What decides whether a drain is due.

    ``drains`` counts those begun ever; ``first_waits_seconds`` is how long the first in the
    queue has waited; ``deliveries`` are those that are due.
    """

    waiting: int
    workers: int
    drains: int
    item_seconds: float | None
    first_waits_seconds: float
    deliveries: int = 0

    @classmethod
    def decode(cls, reply: Fields) -> Demand:
        """Read the reply of the demand script."""
        waiting, workers, drains, item_ms, since, now, deliveries = map(_text, reply)
        return cls(
            waiting=int(waiting),
            workers=int(workers),
            drains=int(drains),
            item_seconds=_seconds(item_ms),
            first_waits_seconds=(int(now) - int(since or now)) / 1000,
            deliveries=int(deliveries),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What the dependants of a computation are to be told.

    ``results`` have been written since the last news; ``mark`` numbers the news; ``is_first``:
    their run has told none before.
    """

    results: int
    mark: int
    is_first: bool

    @classmethod
    def decode(cls, reply: Fields) -> News:
        """Read the reply of the tell script."""
        results, mark, first = map(int, reply)
        return cls(results=results, mark=mark, is_first=bool(first))


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How much of everything a computation has."""

    pending: int
    running: int
    results: int
    workers: int
    succeeded: int
    failed: int
    generation: int
    item_seconds: float | None
    dead_letters: int

    @classmethod
    def decode(cls, reply: Fields) -> Counts:
        """Read the reply of the count script."""
        *counts, item_ms, dead_letters = map(_text, reply)
        pending, running, results, workers, succeeded, failed, generation = map(int, counts)
        return cls(
            pending=pending,
            running=running,
            results=results,
            workers=workers,
            succeeded=succeeded,
            failed=failed,
            generation=generation,
            item_seconds=_seconds(item_ms),
            dead_letters=int(dead_letters),
        )
