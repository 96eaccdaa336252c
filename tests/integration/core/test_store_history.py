"""History: what happened by the minute and by the hour, in bounded memory."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from batchwell import Computation, computation
from batchwell.histories import Moment, Span
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    NOBODY,
    claim,
    complete,
    compute,
    echo,
    fail,
    params,
    submit,
)
from tests.stored import age_history


@pytest.fixture(autouse=True)
def within_one_minute() -> None:
    """Begin no test at a minute's very end: what it does shall be of one minute."""
    left_seconds = 60 - time.time() % 60
    if left_seconds < 2:
        time.sleep(left_seconds)


def next_version() -> Computation[[int], int]:
    @computation(version="2")
    def echo(n: int) -> int:
        return n

    return echo


def moments(store: Store, span: Span = "minutes") -> list[Moment]:
    """Return those in which something happened."""
    idle = (0, 0, 0, 0, 0)
    return [
        each
        for each in store.history(echo, span).moments
        if (each.submitted, each.succeeded, each.failed, each.batches, each.waited_most) != idle
    ]


def test_computation_that_nobody_used_has_no_history(store: Store, redis: Redis) -> None:
    found = store.history(echo, "minutes")
    assert moments(store) == []
    assert found.until == pytest.approx(time.time(), abs=5)
    assert found.since == int(found.until) // 60 * 60 - 179 * 60
    assert not redis.exists(f"{store.namespace}:{{echo}}:history"), "reading writes nothing"


def test_minute_tells_what_was_submitted_and_what_came_of_it(store: Store) -> None:
    submit(store, *range(7))
    fail(store, claim(store, count=1), retry=False)
    complete(store, claim(store, count=4))
    (minute,) = moments(store)
    assert minute.at == int(time.time()) // 60 * 60
    assert (minute.submitted, minute.succeeded, minute.failed) == (7, 4, 1)
    assert (minute.batches, minute.batched, minute.largest_batch) == (2, 5, 4)
    assert minute.mean_batch == 2.5
    assert minute.waited_most == 7
    assert minute.computing_seconds == pytest.approx(0.004)


def test_latency_is_from_submit_to_value(store: Store, clock: Clock) -> None:
    old, _ = submit(store, 1, 2)
    clock.age_waiting(old, 30)
    complete(store, claim(store))
    (minute,) = moments(store)
    assert minute.slowest_seconds == pytest.approx(30, abs=1)
    assert minute.mean_latency_seconds == pytest.approx(15, abs=1)


@pytest.mark.parametrize("passed", [1, 2, 60])
def test_what_is_done_after_a_while_is_of_its_own_minute(store: Store, passed: int) -> None:
    compute(store, 1, 2, 3)
    store.retire(echo, "worker", when="now")
    age_history(store, "echo", passed)
    compute(store, 4)
    before, after = moments(store)
    assert after.at - before.at == 60 * passed
    assert (before.succeeded, before.batches, before.largest_batch) == (3, 1, 3)
    assert (after.succeeded, after.batches, after.largest_batch) == (1, 1, 1)
    # Of two minutes that follow each other, a submit may be told of the one before.
    submitted = [before.submitted, after.submitted]
    assert submitted == ([3, 1] if passed > 1 else [4, 0])


def test_minute_between_workers_is_written_by_the_one_that_leaves(store: Store) -> None:
    compute(store, 1)
    store.retire(echo, "worker", when="now")
    compute(store, 2)
    store.retire(echo, "worker", when="now")
    (minute,) = moments(store)
    assert (minute.submitted, minute.succeeded) == (2, 2)


def test_queue_that_nobody_drains_is_seen_by_the_trigger(store: Store) -> None:
    submit(store, 1)
    store._run("demand", "echo", "watch")
    age_history(store, "echo", 1)
    submit(store, 2, 3)
    store._run("demand", "echo", "watch")
    assert [each.waited_most for each in moments(store)][-2:] == [1, 3]


def test_hours_add_up_their_minutes(store: Store) -> None:
    compute(store, 1)
    for minute in range(4):
        age_history(store, "echo", 60)
        compute(store, 10 + minute, 20 + minute)
    assert [each.succeeded for each in moments(store, "hours")] == [1, 2, 2, 2, 2]
    assert [each.succeeded for each in moments(store)] == [2, 2, 2], "older than three hours: gone"


def test_history_is_bounded(store: Store, redis: Redis) -> None:
    for number in range(400):
        compute(store, number)
        age_history(store, "echo", 7)
    name = f"{store.namespace}:{{echo}}:history"
    store.enlist(echo, "worker", worker_seconds=15)
    assert redis.hlen(name) <= 180 + 168 + 2
    assert 0 < redis.pttl(name) <= 169 * 3600 * 1000
    assert (redis.memory_usage(name, samples=0) or 0) < 40_000


def test_overview_tells_how_a_computation_is(store: Store, clock: Clock) -> None:
    compute(store, 1, 2)
    submit(store, 3)
    fail(store, claim(store, count=1), retry=False)
    old, _ = submit(store, 4, 5)
    clock.age_waiting(old, 90)
    store.enlist(echo, "worker", worker_seconds=15)
    found = store.overviews([echo])["echo"]
    assert (found.waiting, found.running, found.workers) == (2, 0, 1)
    assert (found.results, found.fresh, found.stale, found.dead_letters) == (2, 2, 0, 1)
    assert found.first_waits_seconds == pytest.approx(90, abs=2)
    assert (len(found.minutes), found.minutes[-1], sum(found.minutes)) == (60, 2, 2)
    assert found.latest is not None
    assert (found.latest.params, found.latest.value) in (('{"n":1}', "1"), ('{"n":2}', "2"))
    assert found.latest.computed_at == pytest.approx(time.time(), abs=5)


def test_overview_tells_the_results_of_each_of_the_last_sixty_minutes(store: Store) -> None:
    for number, passed in enumerate((30, 1, 1, 3, 20)):
        compute(store, *range(10 * number, 10 * number + number + 1))
        age_history(store, "echo", passed)
    compute(store, 99)
    minutes = store.overviews([echo])["echo"].minutes
    assert {60 - place: count for place, count in enumerate(minutes, 1) if count} == {
        55: 1,
        25: 2,
        24: 3,
        23: 4,
        20: 5,
        0: 1,
    }
    age_history(store, "echo", 40)
    assert sum(store.overviews([echo])["echo"].minutes) == 1


def test_overview_of_what_nobody_used_is_empty(store: Store) -> None:
    found = store.overviews([echo])["echo"]
    assert (found.waiting, found.results, found.fresh, sum(found.minutes)) == (0, 0, 0, 0)
    assert (found.first_waits_seconds, found.latest) == (0, None)


def test_long_value_is_left_out_of_an_overview(store: Store) -> None:
    submit(store, 1)
    complete(store, claim(store), '"' + "x" * 1000 + '"')
    latest = store.overviews([echo])["echo"].latest
    assert latest is not None
    assert latest.value is None


def test_values_age_out_of_the_fresh_ones(store: Store, clock: Clock) -> None:
    compute(store, 1, 2, 3)
    for each, seconds in zip(params(1, 2, 3), (0, 3300, 3700), strict=True):
        clock.age_result(each.digest, seconds)
    found = store.overviews([echo])["echo"]
    assert (found.results, found.fresh, found.stale) == (3, 2, 1)


def test_invalidated_values_are_stale_and_later_ones_fresh(store: Store, clock: Clock) -> None:
    compute(store, 1, 2)
    for each in params(1, 2):
        clock.age_result(each.digest, 1)
    store.invalidate(echo)
    assert store.overviews([echo])["echo"].stale == 2
    compute(store, 3)
    assert store.overviews([echo])["echo"].fresh == 1


def test_new_version_makes_older_values_stale(store: Store, clock: Clock) -> None:
    compute(store, 1, 2)
    for each in params(1, 2):
        clock.age_result(each.digest, 1)
    newer = next_version()
    assert store.overviews([newer])["echo"].fresh == 0
    compute(store, 3, computation=newer)
    assert store.overviews([newer])["echo"].fresh == 1
    assert store.overviews([echo])["echo"].fresh == 0


def test_late_writer_counts_nothing(store: Store, clock: Clock) -> None:
    submit(store, 1)
    late = claim(store)
    clock.lapse_leases()
    store.reap(echo)
    values = [(each, "1", 1.0) for each in late.claims]
    store.complete(echo, values, generation="0", batch_size=1, origin=NOBODY)
    (minute,) = moments(store)
    assert (minute.succeeded, minute.submitted, minute.batches) == (0, 1, 1)
