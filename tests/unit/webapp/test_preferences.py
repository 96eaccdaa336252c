"""The header ``Prefer``, by the grammar of RFC 7240."""

from __future__ import annotations

import time

import pytest

from webapp.http.preferences import NONE, Preferences, read_preferences
from webapp.problems import Refused


def test_without_the_header_nothing_is_preferred() -> None:
    assert read_preferences(None) is NONE


@pytest.mark.parametrize(
    ("text", "wait_seconds", "respond_async"),
    [
        ("wait=10", 10, False),
        ("Wait = 10", 10, False),
        ('wait="10"', 10, False),
        ("respond-async", 0, True),
        ("respond-async, wait=10", 10, True),
        ('respond-async;x=1; y;, wait=5 ; z="a,b;wait=7"', 5, True),
        ("wait=3, wait=9", 3, False),
        ("wait=61", 60, False),
        ("wait=" + "9" * 5000, 60, False),
        ("wait=0", 0, False),
        ('return=minimal, handling=lenient, odd="a \\" b"', 0, False),
        ("", 0, False),
        (" , ,", 0, False),
    ],
)
def test_preferences_are_read(text: str, wait_seconds: int, respond_async: bool) -> None:
    assert read_preferences(text) == Preferences(
        wait_seconds=wait_seconds, respond_async=respond_async
    )


@pytest.mark.parametrize(
    "text",
    [
        "wait",
        "wait=",
        'wait=""',
        "wait=-1",
        "wait=1.5",
        "wait=soon",
        "wait 10",
        "=10",
        'wait="10',
        "a b",
        "respond-async; =1",
        "wait=(1)",
        "\u00e4=1",
    ],
)
def test_malformed_header_is_refused_by_name(text: str) -> None:
    with pytest.raises(Refused) as caught:
        read_preferences(text)
    assert (caught.value.kind, caught.value.errors[0].field) == ("bad-request", "Prefer")
    assert caught.value.detail.startswith("Prefer: ")


@pytest.mark.parametrize(
    "text",
    [
        ";" * 4000 + "(",
        " " * 8000 + "(",
        "\t" * 8000 + "=",
        "wait" + " " * 8000 + "(",
        "wait;" + " " * 8000 + "(",
        "a=" * 2000,
        ", " * 2000 + "(",
    ],
)
def test_hostile_header_is_refused_soon(text: str) -> None:
    started = time.process_time()
    with pytest.raises(Refused):
        read_preferences(text)
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize(
    ("preferences", "waited", "accepted", "expected"),
    [
        (Preferences(wait_seconds=5), True, False, "wait=5"),
        (Preferences(wait_seconds=5), False, True, None),
        (Preferences(wait_seconds=5, respond_async=True), True, True, "respond-async, wait=5"),
        (Preferences(wait_seconds=5, respond_async=True), True, False, "wait=5"),
        (Preferences(respond_async=True), False, True, "respond-async"),
        (Preferences(respond_async=True), False, False, None),
        (NONE, False, True, None),
    ],
)
def test_only_what_was_done_is_told_as_applied(
    preferences: Preferences, waited: bool, accepted: bool, expected: str | None
) -> None:
    headers = preferences.applied(waited=waited, accepted=accepted)
    assert headers.get("Preference-Applied") == expected
