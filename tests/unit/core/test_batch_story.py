"""What the log says of a batch: short, whatever the batch, and findable by request and trace."""

from __future__ import annotations

import logging

import pytest

from batchwell.batch_story import MOST_NAMED, tell_batch, tell_errors
from batchwell.outcomes import Failure
from batchwell.work_records import Claim

MOST_CHARACTERS = 4000


def claims(count: int, *, trace: str = "") -> list[Claim]:
    return [
        Claim(token=f"{number:016d}", attempt=1, params='{"n":1}', trace=trace)
        for number in range(count)
    ]


def test_batch_line_names_its_requests_with_their_traces(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tell_batch("echo", claims(1, trace="from-http"), {"succeeded": 1, "lost": 0}, 0.5)
    (record,) = caplog.records
    assert record.getMessage() == (
        "batch of 1 in 0.500 s: 1 succeeded: echo-0000000000000000 (from-http)"
    )
    assert record.__dict__["requests"] == ["echo-0000000000000000"]
    assert record.__dict__["traces"] == ["from-http"]


def test_batch_line_of_a_large_batch_stays_short(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tell_batch("echo", claims(10_000, trace="t" * 64), {"succeeded": 10_000}, 1)
    (record,) = caplog.records
    assert record.getMessage().endswith(f"and {10_000 - MOST_NAMED} more")
    assert len(record.getMessage()) < MOST_CHARACTERS


def test_errors_are_one_line_that_counts_them_by_type(caplog: pytest.LogCaptureFixture) -> None:
    letters = claims(30, trace="from-http")
    errors = [(claim, Failure("no\nsuch  luck", "Unlucky")) for claim in letters[:20]]
    errors += [(claim, Failure("x" * 5000, "Long")) for claim in letters[20:]]
    tell_errors("echo", errors)
    (record,) = caplog.records
    told = record.getMessage()
    assert record.levelno == logging.WARNING
    assert told.startswith("errors: 20 Unlucky (no such luck): echo-0000000000000000 (from-http)")
    assert "; 10 Long (xxx" in told
    assert "\n" not in told
    assert len(told) < MOST_CHARACTERS


def test_errors_of_many_types_are_counted_together(caplog: pytest.LogCaptureFixture) -> None:
    errors = [(claim, Failure("no", f"Error{claim.token}")) for claim in claims(200)]
    tell_errors("echo", errors)
    assert caplog.records[0].getMessage().endswith("; 195 of other types")
    assert len(caplog.records[0].getMessage()) < MOST_CHARACTERS


def test_parameters_are_not_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        tell_batch("echo", claims(3), {"failed": 3}, 1)
        tell_errors("echo", [(claim, Failure("no")) for claim in claims(3)])
    assert '{"n":1}' not in caplog.text
