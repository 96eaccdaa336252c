"""What the templates' filters say."""

from __future__ import annotations

import pytest

from webapp.pages.words import (
    ago,
    breakable,
    clock,
    duration,
    one_line,
    paragraphs,
    plural,
    short_number,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "no limit"),
        (0, "0 seconds"),
        (0.0014, "1.4 ms"),
        (1, "1 second"),
        (2.5, "2.5 seconds"),
        (59.6, "60 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (150, "2 minutes"),
        (3600, "1 hour"),
        (30 * 86400, "30 days"),
    ],
)
def test_duration_is_said_in_its_natural_unit(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "just now"), (1.2, "1 second ago"), (7200, "2 hours ago")]
)
def test_age_is_said_in_words(seconds: float, words: str) -> None:
    assert ago(seconds) == words


def test_plural_counts_and_groups() -> None:
    assert plural(1, "request") == "1 request"
    assert plural(1000, "request") == "1,000 requests"
    assert plural(2, "entry", "entries") == "2 entries"


def test_docstring_becomes_escaped_paragraphs_with_code() -> None:
    told = paragraphs("First.\n\nA `<b>` and\n``two``.\n")
    assert told == ["First.", "A <code>&lt;b&gt;</code> and\n<code>two</code>."]


def test_long_names_may_break_after_underscores() -> None:
    assert breakable("a_<b>") == "a_<wbr>&lt;b&gt;"


def test_fractions_are_shortened_in_tables() -> None:
    assert short_number(0.98888888888) == "0.988889"


def test_long_values_are_cut_to_a_line() -> None:
    assert one_line({"a": "é"}) == '{"a": "é"}'
    assert one_line("x" * 80) == "x" * 80
    assert one_line("x" * 81) == "x" * 79 + "…"


def test_hour_of_another_day_tells_the_day() -> None:
    assert clock(1_800_000_000, "minutes") == "08:00 UTC"
    assert clock(1_800_000_000, "hours") == "15 Jan 08:00 UTC"
