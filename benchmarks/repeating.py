"""Measure several subjects in turn, so that what changes meanwhile touches all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

K = TypeVar("K")
T = TypeVar("T")


def alternate(subjects: Mapping[K, Callable[[], T]], repetitions: int) -> dict[K, list[T]]:
    """Measure A, B, …, B, A, …; return what each found, in the order of the repetitions."""
    found: dict[K, list[T]] = {key: [] for key in subjects}
    order = list(subjects)
    for _ in range(repetitions):
        for key in order:
            found[key].append(subjects[key]())
        order.reverse()
    return found
