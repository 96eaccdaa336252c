"""A world of people whose tastes are known, so that the best that a model could do is known too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ZIPF = 0.8
_ELSEWHERE = 0.02  # of each category that is no favourite, before all are scaled to 1
_MOST_FAVOURITES = 3

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class World:
    """People (rows) and items (columns).

    ``chances``: how likely a person is to like an item next of all, each row summing to 1: their
    taste for its category times its appeal within that. ``favourites``: of each person, the
    category that they like most.
    """

    items: Sequence[str]
    categories: Sequence[str]
    chances: Floats
    favourites: Sequence[str]

    @classmethod
    def of(cls, items: Sequence[str], people: int, seed: int) -> World:
        """Make it: one to three favourite categories each, appeal by a Zipf law."""
        random = np.random.default_rng(seed)
        categories = sorted({category_of(item) for item in items})
        numbers = np.array([categories.index(category_of(item)) for item in items])
        appeal = np.empty(len(items))
        for number in range(len(categories)):
            mine = np.flatnonzero(numbers == number)
            appeal[mine] = random.permutation(1 / np.arange(1, len(mine) + 1) ** _ZIPF)
        tastes = np.full((people, len(categories)), _ELSEWHERE)
        for taste in tastes:
            count = min(int(random.integers(1, _MOST_FAVOURITES + 1)), len(categories))
            chosen = random.choice(len(categories), count, replace=False)
            taste[chosen] += random.dirichlet(np.ones(count))
        chances = tastes[:, numbers] * appeal
        return cls(
            items=items,
            categories=categories,
            chances=chances / chances.sum(axis=1, keepdims=True),
            favourites=[categories[number] for number in tastes.argmax(axis=1)],
        )

    def likes(self, each: float, seed: int) -> tuple[Numbers, Numbers]:
        """Draw what people like, about ``each`` items a person: rows and columns of the pairs."""
        random = np.random.default_rng(seed)
        counts = random.poisson(each, len(self.chances)).clip(1, len(self.items) // 3)
        # Gumbel's trick: the largest of these are a sample without replacement, by the chances.
        drawn = [
            np.argpartition(-(np.log(row) + random.gumbel(size=len(row))), count)[:count]
            for row, count in zip(self.chances, counts, strict=True)
        ]
        return np.repeat(np.arange(len(self.chances)), counts), np.concatenate(drawn)

    def fondness(self, person: int) -> Floats:
        """Return how likely a person is to like each item that they look at."""
        chances = self.chances[person]
        fondness: Floats = 0.9 * np.sqrt(chances / chances.max())
        return fondness


def category_of(item: str) -> str:
    """Return the category of an item, which its id begins with: ``whale`` of ``whale-17``."""
    return item.rpartition("-")[0]


def recall_at_10(scores: Any, liked: Any, wanted: Any) -> float:
    """Return the mean share of wanted items in each row's top ten of those not yet liked.

    All three are arrays of people by items; of those who want nothing, nothing is told.
    """
    top = np.argsort(np.where(liked, np.inf, -scores), axis=1)[:, :10]
    found = np.take_along_axis(wanted, top, axis=1).sum(axis=1)
    asked = wanted.sum(axis=1)
    return float((found / asked.clip(1, 10))[asked > 0].mean())
