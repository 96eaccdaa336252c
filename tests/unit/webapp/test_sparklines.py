"""Sparklines: small drawings that are also told in words."""

from __future__ import annotations

from webapp.pages.sparklines import spark_path, spark_text


def test_highest_count_reaches_the_top_and_none_is_not_drawn() -> None:
    assert spark_path([0, 10, 5]) == "M1.5 20v-20M2.5 20v-10"


def test_small_count_is_still_seen() -> None:
    assert spark_path([1, 1000]) == "M0.5 20v-1M1.5 20v-20"


def test_nothing_is_an_empty_path() -> None:
    assert spark_path([0, 0]) == spark_path([]) == ""


def test_words_say_what_is_drawn() -> None:
    assert spark_text([0, 1]) == "1 result in the last hour, peak 1/min"
    assert spark_text([1000, 500]) == "1,500 results in the last hour, peak 1,000/min"
    assert spark_text([0]) == "No results in the last hour"
