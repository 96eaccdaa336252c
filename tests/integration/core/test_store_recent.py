"""What was computed last and what was read last, at a glance."""

from __future__ import annotations

import json
from datetime import timedelta

from batchwell import computation
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import claim, complete, compute, echo, params, submit

HOUR_SECONDS = 3600


@computation(hot_for=timedelta(hours=1))
def warm(n: int) -> int:
    """Return the number; what is read stays hot."""
    return n


def test_nothing_is_known_at_first(store: Store) -> None:
    recent = store.recent(echo)
    assert (recent.computed, recent.read) == ([], [])


def test_values_are_listed_the_latest_first(store: Store, clock: Clock) -> None:
    compute(store, 1, 2)
    for number, seconds in ((1, 60), (2, HOUR_SECONDS + 5)):
        clock.age_result(params(number)[0].digest, seconds)
    first, second = store.recent(echo).computed
    assert json.loads(first.params) == {"n": 1}
    assert (first.value, first.length, first.state) == ("1", 1, "fresh")
    assert 60 <= first.age_seconds < 70
    assert (json.loads(second.params), second.state) == ({"n": 2}, "stale")


def test_no_more_are_listed_than_asked_for(store: Store) -> None:
    compute(store, *range(5))
    assert len(store.recent(echo, count=3).computed) == 3


def test_long_value_is_left_out(store: Store) -> None:
    submit(store, 1)
    complete(store, claim(store), json.dumps("x" * 1000))
    (known,) = store.recent(echo).computed
    assert (known.value, known.length) == (None, 1002)


def test_reads_are_listed_apart(store: Store) -> None:
    submit(store, 1, 2, computation=warm)
    complete(store, claim(store, computation=warm), computation=warm)
    store.read(warm, params(2, computation=warm)[0])
    recent = store.recent(warm)
    assert len(recent.computed) == 2
    (read,) = recent.read
    assert json.loads(read.params) == {"n": 2}
    assert read.read_seconds is not None
    assert 0 <= read.read_seconds < 10
