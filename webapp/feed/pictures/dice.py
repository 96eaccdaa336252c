"""Chance that falls the same way each time: what makes one picture of a category unlike the next."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Throws that depend on a text alone, in every process and release of Python."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed).random

    def between(self, low: float, high: float) -> float:
        """Return a number of the range."""
        return low + (high - low) * self._random()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int((high - low + 1) * self._random())

    def pick(self, of: Sequence[T]) -> T:
        """Return one of several."""
        return of[int(len(of) * self._random())]

    def falls(self, share: float) -> bool:
        """Return True in this share of all throws."""
        return self._random() < share
