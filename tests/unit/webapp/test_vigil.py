"""Noticing that nobody drains."""

from __future__ import annotations

from batchwell.records import Demand
from webapp.vigil import GRACE_SECONDS, Vigil


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def demand(waiting: int = 3, workers: int = 0, drains: int = 7) -> Demand:
    return Demand(waiting=waiting, workers=workers, drains=drains, item_seconds=None)


def test_queue_without_a_worker_is_neglected_after_the_grace_time() -> None:
    clock = Clock()
    vigil = Vigil(clock)
    assert not vigil.is_neglected("echo", demand())
    clock.now = GRACE_SECONDS - 0.1
    assert not vigil.is_neglected("echo", demand())
    clock.now = GRACE_SECONDS
    assert vigil.is_neglected("echo", demand())
    assert not vigil.is_neglected("other", demand()), "each computation has its own time"


def test_worker_ends_the_neglect() -> None:
    clock = Clock()
    vigil = Vigil(clock)
    vigil.is_neglected("echo", demand())
    clock.now = 100
    assert not vigil.is_neglected("echo", demand(workers=1))
    assert not vigil.is_neglected("echo", demand()), "the time starts anew"


def test_empty_queue_is_not_neglected() -> None:
    clock = Clock()
    vigil = Vigil(clock)
    vigil.is_neglected("echo", demand())
    clock.now = 100
    assert not vigil.is_neglected("echo", demand(waiting=0))


def test_drain_that_came_and_went_between_two_looks_starts_the_time_anew() -> None:
    clock = Clock()
    vigil = Vigil(clock)
    vigil.is_neglected("echo", demand(drains=7))
    clock.now = 100
    assert not vigil.is_neglected("echo", demand(drains=8))
    clock.now = 100 + GRACE_SECONDS
    assert vigil.is_neglected("echo", demand(drains=8))
