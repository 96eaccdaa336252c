"""Fibonacci: the values and the bounds."""

from datetime import timedelta
from itertools import pairwise

import pytest

from batchwell.errors import InvalidParameters
from computations.fibonacci import fibonacci


@pytest.mark.parametrize(
    ("n", "value"), [(0, 0), (1, 1), (2, 1), (3, 2), (10, 55), (20, 6765), (25, 75025)]
)
def test_fibonacci_gives_the_known_values(n: int, value: int) -> None:
    assert fibonacci(n) == value


def test_every_fibonacci_number_is_the_sum_of_the_two_before_it() -> None:
    numbers = [fibonacci(n) for n in range(18)]
    sums = [first + second for first, second in pairwise(numbers)]
    assert sums[:-1] == numbers[2:]


@pytest.mark.parametrize("n", [-1, 43, 1.5, "ten", True, None])
def test_fibonacci_refuses_an_index_out_of_range_or_no_whole_number(n: object) -> None:
    with pytest.raises(InvalidParameters, match="n"):
        fibonacci.parse({"n": n})


def test_fibonacci_needs_an_index() -> None:
    with pytest.raises(InvalidParameters, match="n"):
        fibonacci.parse({})


@pytest.mark.parametrize("n", [0, 42])
def test_fibonacci_accepts_the_ends_of_its_range(n: int) -> None:
    assert fibonacci.parse({"n": n}).json == f'{{"n":{n}}}'


def test_a_fibonacci_number_stays_fresh_for_an_hour() -> None:
    assert fibonacci.policy.fresh_for == timedelta(hours=1)
