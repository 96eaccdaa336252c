"""Measure: what monitoring sees, kept beside the work and at no cost that a backlog raises."""

from __future__ import annotations

import time

import pytest
from redis import Redis

from batchwell import computation
from batchwell.measures import BOUNDS_MS, Measures
from batchwell.records import Status
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import NOBODY, claim, complete, compute, echo, fail, submit
from tests.servers import StoreServer


@computation()
def other(n: int) -> int:
    return n


def measures(store: Store) -> Measures:
    return store.measure([echo])["echo"]


def test_computation_that_nobody_used_measures_nothing(store: Store) -> None:
    found = measures(store)
    assert (found.waiting, found.running, found.results, found.workers) == (0, 0, 0, 0)
    assert set(found.ended.values()) == {0}
    assert (found.first_waits_seconds, found.latest_at) == (0, None)
    assert sum(found.computing.counts) + sum(found.queued.counts) == 0


def test_every_status_is_counted(store: Store, clock: Clock) -> None:
    compute(store, 1)
    submit(store, 2, 3)
    fail(store, claim(store, count=1), retry=False)
    fail(store, claim(store, count=1))
    cancelled, _, _ = submit(store, 4, 5, 6)
    store.cancel(echo, cancelled)
    submit(store, 7, expires_seconds=60)
    clock.lapse_deadlines()
    store.reap(echo)
    claim(store, count=1)
    found = measures(store)
    assert (found.waiting, found.running) == (2, 1)
    assert found.ended == {
        Status.SUCCEEDED: 1,
        Status.FAILED: 1,
        Status.CANCELLED: 1,
        Status.EXPIRED: 1,
    }
    assert (found.retries, found.dead_letters, found.results) == (1, 1, 1)
    assert found.batches == 4


def test_lost_leases_are_counted(store: Store, clock: Clock) -> None:
    submit(store, *range(3))
    claim(store)
    clock.lapse_leases()
    store.reap(echo)
    assert measures(store).losses == 3


def test_drains_workers_and_generation_are_told(store: Store) -> None:
    store.enlist(echo, "one", worker_seconds=15)
    store.enlist(echo, "two", worker_seconds=15)
    store.retire(echo, "one", when="now")
    store.invalidate(echo)
    found = measures(store)
    assert (found.drains, found.workers, found.generation) == (2, 1, 1)


def test_first_in_the_queue_tells_how_long_it_waits(store: Store, clock: Clock) -> None:
    (old,) = submit(store, 1)
    clock.age_waiting(old, 90)
    submit(store, 2)
    assert measures(store).first_waits_seconds == pytest.approx(90, abs=2)


def test_latest_result_tells_when_it_was_computed(store: Store) -> None:
    compute(store, 1, 2)
    assert measures(store).latest_at == pytest.approx(time.time(), abs=5)


def test_durations_fall_into_their_buckets(store: Store) -> None:
    submit(store, *range(5))
    batch = claim(store)
    seconds = [0.0002, 0.001, 0.0011, 7000.0, 0.2]
    values = [(item, "1", one) for item, one in zip(batch.claims, seconds, strict=True)]
    store.complete(echo, values, generation="0", batch_size=5, origin=NOBODY)
    found = measures(store).computing
    buckets = dict(zip([*BOUNDS_MS, None], found.counts, strict=True))
    assert {end: count for end, count in buckets.items() if count} == {1: 2, 5: 1, 250: 1, None: 1}
    assert found.sum_seconds == pytest.approx(sum(seconds), abs=1e-5)


def test_waits_of_first_attempts_fall_into_their_buckets(store: Store, clock: Clock) -> None:
    old, _ = submit(store, 1, 2)
    clock.age_waiting(old, 200)
    fail(store, claim(store))
    clock.ripen_retries()
    assert len(claim(store).claims) == 2
    found = measures(store).queued
    assert sum(found.counts) == 2, "a retry waits because it shall"
    assert found.counts[BOUNDS_MS.index(300_000)] == 1
    assert found.sum_seconds == pytest.approx(200, abs=3)


def test_late_writer_is_not_measured(store: Store, clock: Clock) -> None:
    submit(store, 1)
    late = claim(store)
    clock.lapse_leases()
    store.reap(echo)
    complete(store, claim(store))
    complete(store, late)
    assert sum(measures(store).computing.counts) == 1


def test_statistics_are_a_bounded_hash(store: Store, redis: Redis) -> None:
    for milliseconds in (*BOUNDS_MS, 10**8):
        (request,) = submit(store, milliseconds)
        Clock(store, echo).age_waiting(request, milliseconds / 1000)
        batch = claim(store)
        values = [(item, "1", milliseconds / 1000) for item in batch.claims]
        store.complete(echo, values, generation="0", batch_size=1, origin=NOBODY)
    assert redis.hlen(f"{store.namespace}:{{echo}}:stats") <= 2 * (len(BOUNDS_MS) + 2) + 3


def test_all_computations_are_measured_in_one_round_trip(
    own_server: StoreServer, own_store: Store
) -> None:
    own_store.submit(echo, [echo.parse({"n": 1})])
    own_store.measure([echo, other])
    with Redis.from_url(own_server.url) as client:
        before = client.info("stats")["total_reads_processed"]
        found = own_store.measure([echo, other])
        # One of them is this very INFO's.
        assert client.info("stats")["total_reads_processed"] - before == 2
    assert (found["echo"].waiting, found["other"].waiting) == (1, 0)
