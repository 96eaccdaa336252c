"""What routes tell of their answers: reads, submits, and whom the requests are traced to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from batchwell.known_results import Result
from batchwell.records import Submission
from webapp.context import Context
from webapp.monitoring.tracing import GIVEN

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NOTED = "batchwell.noted"
"""Where a WSGI environment has what was noted of its answer's requests."""

MOST_NAMED = 10
"""Requests that a log line names; the others are counted."""


@dataclass
class Noted:
    """The requests that an HTTP request has made or attached to."""

    computation: str
    requests: list[str] = field(default_factory=list)
    count: int = 0


def note_read(context: Context, computation: str, result: Result | None) -> None:
    """Count a read of a value: fresh, stale, or absent."""
    context.tallies.add("read", computation, "absent" if result is None else result.state)


def note_submissions(
    context: Context,
    environ: WSGIEnvironment,
    computation: str,
    submissions: Sequence[Submission],
) -> None:
    """Count what became of submits; the log line of this answer names their requests."""
    for outcome, count in Counter(each.outcome for each in submissions).items():
        context.tallies.add("submit", computation, outcome, amount=count)
    requests = [each.request for each in submissions if each.request and each.outcome != "fresh"]
    note_requests(environ, computation, requests)


def note_requests(environ: WSGIEnvironment, computation: str, requests: Sequence[str]) -> None:
    """Have the log line of this answer name these requests."""
    if requests:
        noted: Noted = environ.setdefault(NOTED, Noted(computation))
        noted.requests += requests[: MOST_NAMED - len(noted.requests)]
        noted.count += len(requests)


def trace_to_keep(environ: WSGIEnvironment) -> str:
    """Return the trace that the client gave, to be kept with what is submitted; "" for none.

    One of our own making is not worth its bytes: the log line names it beside the requests.
    """
    return str(environ.get(GIVEN, ""))
