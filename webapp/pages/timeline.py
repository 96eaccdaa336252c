"""What happened to a request, in order: the steps of its timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from batchwell.moments import iso_time
from batchwell.records import Request, Status

Mark: TypeAlias = Literal["done", "now", "bad", "aged"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step; ``at`` is None for the one that has yet to end."""

    at: str | None
    what: str
    told: str = ""
    mark: Mark = "done"


def timeline(request: Request) -> list[Step]:
    """Return the steps of the request so far, and what it waits for."""
    steps = [
        Step(at=iso_time(request.submitted_at), what="Submitted"),
        *sorted(_attempts(request), key=lambda step: step.at or ""),
    ]
    return [*steps, _last(request)]


def _attempts(request: Request) -> Iterator[Step]:
    for error in request.story:
        yield Step(
            at=iso_time(error.at),
            what=f"Attempt {error.attempt} failed",
            told=f"{error.type}: {error.message}",
            mark="bad",
        )
    if request.started_at is not None:
        what = f"Attempt {request.attempt} began"
        yield Step(at=iso_time(request.started_at), what=what)


def _last(request: Request) -> Step:
    ended_at = iso_time(request.finished_at)
    match request.status:
        case Status.SUCCEEDED:
            seconds = (request.finished_at or 0) - request.submitted_at
            return Step(at=ended_at, what="Succeeded", told=f"{seconds:.3g} s after the submit")
        case Status.FAILED:
            return Step(at=ended_at, what="Failed for good", mark="bad")
        case Status.CANCELLED:
            return Step(at=ended_at, what="Cancelled", mark="aged")
        case Status.EXPIRED:
            return Step(at=ended_at, what="Expired before it had begun", mark="aged")
        case Status.RUNNING:
            return Step(at=None, what="Running", mark="now")
        case _:
            return Step(at=None, what="Waiting", mark="now")
