"""Records: decoded from the store's replies, immutable, times in seconds."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from batchwell.known_results import LastError, Result
from batchwell.records import Attention, Priority, Request, Standing, Status, Submission
from batchwell.replies import Fields
from batchwell.work_records import Counts, Demand

RESULT: list[bytes | int] = [
    *(b"5", b"fresh", 1700000001500, b"", b"", 1700000000500, 1700003600500, b"1", b"2"),
    *(b'{"n":5}', b"aaaaaaaaaaaaaaaa", 3, b"0.250000", 10, b"dag", b"run"),
]

ATTENTION: list[bytes | int] = [
    *(1, 3, b"2000.0", b"", b"1700000000000", b"1700000001000", b"", b"1700000002000"),
    1700000003250,
]


def test_result_is_decoded() -> None:
    result = Result.decode("fib", RESULT)
    assert result == Result(
        computation="fib",
        params='{"n":5}',
        value="5",
        state="fresh",
        read_at=1700000001.5,
        computed_at=1700000000.5,
        fresh_until=1700003600.5,
        refreshed_by=None,
        request="fib-aaaaaaaaaaaaaaaa",
        version="1",
        generation=2,
        attempt=3,
        duration_seconds=0.25,
        batch_size=10,
        dag_id="dag",
        run_id="run",
        last_error=None,
        refresh_early=False,
    )
    assert result.age_seconds == 1.0


def test_result_that_is_fresh_until_invalidated_has_no_end() -> None:
    fields = [b"" if field == 1700003600500 else field for field in RESULT]
    result = Result.decode("fib", fields)
    assert result is not None
    assert result.fresh_until is None


def test_result_tells_of_its_renewal_and_of_the_error_of_the_last() -> None:
    fields = [*RESULT[:3], b"b" * 16, b"1", *RESULT[5:], 1700000001000, b"ValueError", b"no"]
    result = Result.decode("fib", fields)
    assert result is not None
    assert result.refreshed_by == f"fib-{'b' * 16}"
    assert result.refresh_early
    assert result.last_error == LastError(at=1700000001.0, type="ValueError", message="no")


def test_empty_reply_is_no_record() -> None:
    assert Result.decode("fib", []) is None
    assert Request.decode("fib", "aaaaaaaaaaaaaaaa", [], []) is None


def test_pending_request_is_decoded() -> None:
    fields: Fields = [b"status", b"pending", b"params", b"{}", b"submitted_at", b"1700000000000"]
    told = [fields, [0, b"", 1], ATTENTION, []]
    request = Request.decode("fib", "a" * 16, told, [], call_size=100)
    assert request is not None
    assert request.id == "fib-aaaaaaaaaaaaaaaa"
    assert request.status is Status.PENDING
    assert (request.position, request.queued, request.attempt) == (0, 1, 0)
    assert request.call_size == 100
    assert (request.started_at, request.finished_at, request.retry_at) == (None, None, None)
    assert (request.progress_fraction, request.error_type, request.result) == (None, None, None)
    assert (request.dag_id, request.run_id) == (None, None)
    assert request.attention == Attention(
        workers=1,
        running=3,
        item_seconds=2.0,
        start_seconds=None,
        seen_at=1700000000.0,
        watched_at=1700000001.0,
        unwatched_at=None,
        woken_at=1700000002.0,
        read_at=1700000003.25,
    )


def test_wake_before_the_last_worker_is_of_no_interest() -> None:
    reply = [b"1700000005000" if field == b"1700000000000" else field for field in ATTENTION]
    assert Attention.decode(reply).woken_at is None


@pytest.mark.parametrize(
    ("status", "is_over"),
    [
        (b"", True),
        (b"pending", False),
        (b"running", False),
        (b"succeeded", True),
        (b"failed", True),
    ],
)
def test_standing_tells_whether_more_will_change(status: bytes, is_over: bool) -> None:
    standing = Standing.decode([status, b"1", b"", b"", -1, 0])
    assert standing.is_over == is_over
    assert standing == Standing.decode([status, b"1", b"", b"", -1, 0])
    assert standing != Standing.decode([status, b"1", b"0.5", b"", -1, 0])


def test_request_that_waits_for_a_retry_is_decoded() -> None:
    fields: Fields = [
        *(b"status", b"pending", b"params", b"{}", b"submitted_at", b"1700000000000"),
        *(b"started_at", b"1700000001000", b"attempt", b"1", b"progress_fraction", b"0.5000"),
        *(b"progress_message", b"half", b"error_type", b"ValueError", b"error_message", b"no"),
        *(b"dag_id", b"", b"run_id", b""),
    ]
    told = [fields, [-1, b"1700000003000", 0], ATTENTION, []]
    request = Request.decode("fib", "a" * 16, told, RESULT)
    assert request is not None
    assert (request.position, request.retry_at) == (None, 1700000003.0)
    assert (request.progress_fraction, request.progress_message) == (0.5, "half")
    assert (request.error_type, request.error_message) == ("ValueError", "no")
    assert request.dag_id is None
    assert request.result == Result.decode("fib", RESULT)


@pytest.mark.parametrize("outcome", [b"fresh", b"attached", b"created", b"full", b"crowded"])
def test_submission_is_decoded(outcome: bytes) -> None:
    submission = Submission.decode("fib", [outcome, b"a" * 16, RESULT, []])
    assert submission.outcome == outcome.decode()
    assert submission.request == "fib-aaaaaaaaaaaaaaaa"
    assert submission.result == Result.decode("fib", RESULT)
    assert submission.record is None
    assert Submission.decode("fib", [outcome, b"", [], []]).request is None


def test_submission_has_the_record_that_was_asked_for() -> None:
    fields: Fields = [b"status", b"pending", b"params", b"{}", b"submitted_at", b"1700000000000"]
    told = [fields, [0, b"", 1], ATTENTION, []]
    submission = Submission.decode("fib", [b"created", b"a" * 16, RESULT, told], call_size=9)
    assert submission.record == Request.decode("fib", "a" * 16, told, RESULT, call_size=9)
    assert submission.record is not None


def test_unknown_outcome_is_an_error() -> None:
    with pytest.raises(ValueError, match="the submit script answered 'maybe'"):
        Submission.decode("fib", [b"maybe", b"", [], []])


def test_counts_and_demand_are_decoded() -> None:
    assert Counts.decode([1, 2, 3, 4, 5, 6, 7, b"250.0", 8]) == Counts(
        pending=1,
        running=2,
        results=3,
        workers=4,
        succeeded=5,
        failed=6,
        generation=7,
        item_seconds=0.25,
        dead_letters=8,
    )
    assert Demand.decode([1, 2, 3, b"", b"4000", 9500, 4]) == Demand(
        waiting=1, workers=2, drains=3, item_seconds=None, first_waits_seconds=5.5, deliveries=4
    )
    assert Demand.decode([0, 2, 3, b"250", b"", 9500, 0]) == Demand(
        waiting=0, workers=2, drains=3, item_seconds=0.25, first_waits_seconds=0.0
    )


def test_records_are_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        Demand.decode([1, 2, 3, b"", b"", 1, 0]).waiting = 0  # type: ignore[misc]  # the subject of the test


def test_statuses_know_which_are_final() -> None:
    final = {status.value for status in Status if status.is_terminal}
    assert final == {"succeeded", "failed", "cancelled", "expired"}


def test_urgent_priorities_come_first() -> None:
    ordered = sorted(Priority, key=lambda priority: priority.offset_seconds)
    assert ordered == [Priority.INTERACTIVE, Priority.NORMAL, Priority.BULK]
