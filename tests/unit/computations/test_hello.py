"""Hello: the greeting, the wait and its progress."""

import time

import pytest

from batchwell.errors import InvalidParameters
from batchwell.progress import reporting_to
from computations.hello import hello


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("computations.hello.SECONDS", 0.02)


def test_hello_greets_by_name() -> None:
    assert hello("Ada") == "Hello, Ada!"


def test_hello_waits_before_it_answers() -> None:
    started = time.monotonic()
    hello("Ada")
    assert time.monotonic() - started >= 0.02


def test_hello_reports_progress_that_only_grows() -> None:
    reports: list[tuple[float, str]] = []
    with reporting_to(lambda fraction, message: reports.append((fraction, message))):
        hello("Ada")
    fractions = [fraction for fraction, _ in reports]
    assert fractions[0] == 0
    assert fractions == sorted(set(fractions))
    assert reports[-1] == (1, "0.02 of 0.02 seconds")
    assert reports[10][1] == "0.0 of 0.02 seconds"


@pytest.mark.parametrize("name", ["", "x" * 101, 7, None])
def test_hello_refuses_a_name_that_is_empty_too_long_or_no_text(name: object) -> None:
    with pytest.raises(InvalidParameters, match="name"):
        hello.parse({"name": name})


@pytest.mark.parametrize("name", ["x", "x" * 100])
def test_hello_accepts_a_name_of_1_to_100_characters(name: str) -> None:
    assert name in hello.parse({"name": name}).json
