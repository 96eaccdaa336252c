"""Measure several subjects in turn, so that what changes meanwhile touches all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

K = TypeVar("K")
T = TypeVar("T")


def alternate(subjects: Mapping[K, Callable[[], T]], repetitions: int) -> dict[K, list[T]]:
    """Measure A, B, …, A, B, …; return what each found."""
    found: dict[K, list[T]] = {key: [] for key in subjects}
    for _ in range(repetitions):
        for key, measure in subjects.items():
            found[key].append(measure())
    return found
