"""Rows are held against their goals, and growth against a straight line."""

from __future__ import annotations

from benchmarks.records import Measure, at_least, at_most, growth, ratio
from benchmarks.repeating import alternate


def measure(*values: float) -> Measure:
    return Measure(subject="some", unit="a second", values=values)


def test_a_ratio_is_the_middle_of_those_of_the_repetitions() -> None:
    row = ratio("faster", measure(10, 40, 90), measure(10, 20, 30), at_least(2))
    assert list(row.values) == [1, 2, 3]
    assert row.median == 2
    assert row.is_met


def test_a_goal_may_be_an_upper_bound() -> None:
    assert ratio("quicker", measure(1, 1, 1), measure(2, 2, 2), at_most(0.6)).is_met
    assert ratio("quicker", measure(2), measure(3), at_most(0.6)).is_met is False
    assert ratio("quicker", measure(2), measure(3)).is_met is None


def test_subjects_are_measured_in_turn_and_back() -> None:
    order: list[str] = []
    found = alternate({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 2)
    assert order == ["a", "b", "b", "a"]
    assert {name: len(values) for name, values in found.items()} == {"a": 2, "b": 2}


def test_growth_that_is_worse_than_linear_is_marked() -> None:
    rates = growth("r", "Rates", "n", "a second", {10: [100.0], 100: [95.0], 1000: [40.0]}, "more")
    assert rates.worse_than_linear() == ["Batchwell: from 100 to 1,000"]
    times = {10: [1.0], 100: [9.0], 1000: [200.0]}
    seconds = growth("s", "Seconds", "n", "s", times, "less", linear="proportional")
    assert seconds.worse_than_linear() == ["Batchwell: from 100 to 1,000"]
