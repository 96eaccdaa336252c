"""The steps of a request's timeline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batchwell.records import Status, StoryError
from tests.unit.sample_requests import NOON, PENDING
from webapp.pages.timeline import timeline


def test_request_that_was_tried_twice_is_told_in_order() -> None:
    error = StoryError(at=NOON + 2, attempt=1, kind="user", type="Oops", message="no luck")
    request = replace(
        PENDING,
        status=Status.SUCCEEDED,
        story=[error],
        attempt=2,
        started_at=NOON + 3,
        finished_at=NOON + 4.5,
    )
    assert [(step.what, step.told, step.mark) for step in timeline(request)] == [
        ("Submitted", "", "done"),
        ("Attempt 1 failed", "Oops: no luck", "bad"),
        ("Attempt 2 began", "", "done"),
        ("Succeeded", "4.5 s after the submit", "done"),
    ]
    assert [step.at for step in timeline(request)] == [
        f"2025-12-31T12:00:0{moment}Z" for moment in ("0.000", "2.000", "3.000", "4.500")
    ]


@pytest.mark.parametrize(
    ("status", "what", "mark"),
    [
        (Status.PENDING, "Waiting", "now"),
        (Status.RUNNING, "Running", "now"),
        (Status.FAILED, "Failed for good", "bad"),
        (Status.CANCELLED, "Cancelled", "aged"),
        (Status.EXPIRED, "Expired before it had begun", "aged"),
    ],
)
def test_last_step_is_where_it_stands(status: Status, what: str, mark: str) -> None:
    request = replace(PENDING, status=status, finished_at=NOON if status.is_terminal else None)
    last = timeline(request)[-1]
    assert (last.what, last.mark, last.at is None) == (what, mark, not status.is_terminal)
