"""When a value will be there, and why not yet: by what was measured, and no better."""

from __future__ import annotations

from dataclasses import replace

import pytest

from batchwell.moments import about
from batchwell.outlook import eta_seconds, is_watched, waiting_because
from batchwell.records import Attention, Request, Status
from tests.unit import sample_requests
from tests.unit.sample_requests import NOON as NOW

DRAINED = Attention(
    workers=1,
    running=0,
    item_seconds=2.0,
    start_seconds=5.0,
    seen_at=NOW,
    watched_at=NOW - 8,
    unwatched_at=None,
    woken_at=None,
    read_at=NOW,
)
IDLE = replace(DRAINED, workers=0, seen_at=NOW - 130)

PENDING = replace(
    sample_requests.PENDING, submitted_at=NOW - 1, position=0, queued=10, attention=DRAINED
)
RUNNING = replace(PENDING, status=Status.RUNNING, position=None, started_at=NOW - 10)


def pending(attention: Attention = DRAINED, **fields: object) -> Request:
    return replace(PENDING, attention=attention, **fields)  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize(
    ("position", "workers", "running", "expected"),
    [(0, 1, 0, 2.0), (3, 1, 0, 8.0), (3, 2, 0, 4.0), (0, 1, 1, 3.0), (2, 2, 2, 5.0)],
)
def test_queue_is_shared_between_workers_which_are_half_done_with_what_they_have(
    position: int, workers: int, running: int, expected: float
) -> None:
    attention = replace(DRAINED, workers=workers, running=running)
    assert eta_seconds(pending(attention, position=position)) == expected


@pytest.mark.parametrize(
    ("position", "workers", "expected"),
    [(0, 1, 200.0), (99, 1, 200.0), (100, 1, 400.0), (249, 1, 500.0), (150, 2, 200.0)],
)
def test_items_of_one_call_are_done_together(position: int, workers: int, expected: float) -> None:
    attention = replace(DRAINED, workers=workers)
    request = pending(attention, position=position, queued=250, call_size=100)
    assert eta_seconds(request) == expected


def test_short_queue_is_one_smaller_call_for_each_worker() -> None:
    attention = replace(DRAINED, workers=2)
    assert eta_seconds(pending(attention, position=9, call_size=100)) == 10.0


@pytest.mark.parametrize(
    ("woken_at", "expected"),
    [(None, 7.0), (NOW - 2, 5.0), (NOW - 10, 2.0), (NOW - 40, None)],
)
def test_without_a_worker_its_start_is_waited_for_as_long_as_it_usually_takes(
    woken_at: float | None, expected: float | None
) -> None:
    assert eta_seconds(pending(replace(IDLE, woken_at=woken_at))) == expected


def test_no_time_is_told_where_nothing_was_measured_or_nobody_watches() -> None:
    assert eta_seconds(pending(replace(DRAINED, item_seconds=None))) is None
    assert eta_seconds(pending(replace(IDLE, start_seconds=None))) is None
    assert eta_seconds(pending(replace(IDLE, watched_at=NOW - 60))) is None
    assert eta_seconds(replace(PENDING, status=Status.FAILED)) is None


def test_retry_counts_from_its_time() -> None:
    assert eta_seconds(pending(position=None, retry_at=NOW + 4)) == 6.0


@pytest.mark.parametrize(
    ("fraction", "item_seconds", "expected"),
    [(0.25, None, 30.0), (1.0, None, 0.0), (None, 12.0, 2.0), (0.0, 12.0, 2.0), (None, 8.0, None)],
)
def test_running_request_goes_by_its_progress_or_by_what_others_took(
    fraction: float | None, item_seconds: float | None, expected: float | None
) -> None:
    attention = replace(DRAINED, item_seconds=item_seconds, running=1)
    running = replace(RUNNING, attention=attention, progress_fraction=fraction)
    assert eta_seconds(running) == expected


def test_running_call_takes_as_long_as_all_its_items() -> None:
    attention = replace(DRAINED, item_seconds=0.5, running=100)
    assert eta_seconds(replace(RUNNING, attention=attention)) == 40.0


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (0, "it is next: a worker takes it as soon as one is free"),
        (1, "1 request is ahead"),
        (2, "2 requests are ahead"),
    ],
)
def test_request_that_is_drained_waits_for_those_ahead(position: int, expected: str) -> None:
    assert waiting_because(pending(position=position)) == expected


def test_retry_says_when_it_will_be_tried() -> None:
    waiting = pending(IDLE, position=None, retry_at=NOW)
    assert waiting_because(waiting) == "waits to be tried again at 2025-12-31T12:00:00.000Z"


def test_running_request_waits_for_nothing() -> None:
    assert waiting_because(RUNNING) is None


DAG = "its DAG recompute_fibonacci"


@pytest.mark.parametrize(
    ("attention", "expected"),
    [
        (IDLE, "no worker is draining it yet: Airflow is being woken"),
        (
            replace(IDLE, woken_at=NOW - 3),
            "no worker is draining it yet: Airflow was woken and is starting one",
        ),
        (
            replace(IDLE, woken_at=NOW - 47),
            (
                "no worker has polled for 2 minutes, and Airflow was woken 40 seconds ago and no "
                f"run has come to drain it: {DAG} may be paused or fail, its pool be full, or the "
                "scheduler be down"
            ),
        ),
        (
            replace(IDLE, unwatched_at=NOW - 61),
            (
                "no worker has polled for 2 minutes, and Airflow stopped watching it 1 minute ago: "
                f"{DAG} is paused, or gone"
            ),
        ),
        (
            replace(IDLE, watched_at=NOW - 7300),
            (
                "no worker has polled for 2 minutes, and Airflow last looked for requests 2 hours "
                "ago: its triggerer does not run"
            ),
        ),
        (
            replace(IDLE, watched_at=None, seen_at=None),
            (
                "no worker has ever polled, and Airflow has never looked for requests: it does not "
                f"run, or {DAG} is paused"
            ),
        ),
    ],
)
def test_why_nobody_drains_is_told_by_what_airflow_did(attention: Attention, expected: str) -> None:
    assert waiting_because(pending(attention)) == expected


def test_computation_is_watched_until_the_trigger_says_otherwise_or_nothing() -> None:
    assert is_watched(IDLE)
    assert not is_watched(replace(IDLE, watched_at=NOW - 31))
    assert not is_watched(replace(IDLE, unwatched_at=NOW - 1))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        *[(0, "some seconds"), (9.9, "some seconds"), (10, "10 seconds"), (59, "50 seconds")],
        *[(60, "1 minute"), (3599, "59 minutes"), (3600, "1 hour"), (172_799, "47 hours")],
        (172_800, "2 days"),
    ],
)
def test_spans_are_told_coarsely(seconds: float, expected: str) -> None:
    assert about(seconds) == expected
