"""``progress``: silent outside a worker, bounded inside."""

from __future__ import annotations

import pytest

from batchwell import progress
from batchwell.progress import reporting_to


def reports_of(*calls: tuple[float, str]) -> list[tuple[float, str]]:
    told: list[tuple[float, str]] = []
    with reporting_to(lambda fraction, message: told.append((fraction, message))):
        for fraction, message in calls:
            progress(fraction, message)
    return told


def test_progress_outside_a_worker_does_nothing() -> None:
    progress(0.5, "alone")


def test_report_reaches_the_worker() -> None:
    assert reports_of((0.25, "a quarter"), (1, "")) == [(0.25, "a quarter"), (1.0, "")]


def test_fraction_is_kept_within_its_range() -> None:
    assert reports_of((-1, ""), (7, "")) == [(0.0, ""), (1.0, "")]


def test_long_message_is_cut() -> None:
    ((_, message),) = reports_of((0, "x" * 10_000))
    assert len(message) == 500


@pytest.mark.parametrize("fraction", [float("nan"), float("inf"), float("-inf")])
def test_fraction_that_is_no_number_is_an_error_in_and_outside_a_worker(fraction: float) -> None:
    with pytest.raises(ValueError, match="fraction must be a number from 0 to 1"):
        progress(fraction)
    with pytest.raises(ValueError, match="fraction must be a number from 0 to 1"):
        reports_of((fraction, ""))


def test_reports_end_with_the_block() -> None:
    told: list[float] = []
    with reporting_to(lambda fraction, message: told.append(fraction)):
        progress(0.1)
    progress(0.2)
    assert told == [0.1]
