"""Claim, extend, release: a claim is a lease with a fencing token."""

from __future__ import annotations

import pytest
from redis import Redis

from batchwell import keys
from batchwell.identifiers import split_request_id
from batchwell.records import Status
from batchwell.store import Origin, Store
from batchwell.work_records import Batch
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    LEASE_SECONDS,
    claim,
    complete,
    echo,
    extend,
    fail,
    look,
    numbers,
    params,
    status,
    submit,
)
from tests.stored import forget_request


def test_oldest_requests_are_claimed_first(store: Store) -> None:
    for number in (3, 1, 2):
        (request,) = submit(store, number)
        Clock(store, echo).age_waiting(request, 10 - number)
    assert numbers(claim(store, count=2).claims) == [1, 2]
    assert numbers(claim(store, count=2).claims) == [3]
    assert claim(store).claims == []


def test_claim_says_who_computes_and_since_when(store: Store) -> None:
    (request,) = submit(store, 1)
    origin = Origin(dag_id="recompute_echo", run_id="manual__1")
    store.claim(echo, "worker", count=1, lease_seconds=LEASE_SECONDS, origin=origin)
    found = look(store, request)
    assert found.status is Status.RUNNING
    assert (found.dag_id, found.run_id) == ("recompute_echo", "manual__1")
    assert found.attempt == 1
    assert found.position is None
    assert found.started_at is not None
    assert found.submitted_at <= found.started_at <= found.attention.read_at


def test_claim_knows_the_trace_of_who_asked(store: Store) -> None:
    store.submit(echo, params(1), trace="from-http")
    store.submit(echo, params(1), trace="attached")
    submit(store, 2)
    assert sorted(item.trace for item in claim(store).claims) == ["", "from-http"]


def test_replay_has_the_trace_of_who_replays(store: Store) -> None:
    (asked,) = store.submit(echo, params(1), trace="first")
    fail(store, claim(store), retry=False)
    assert asked.request is not None
    store.retry(echo, asked.request, trace="second")
    assert [item.trace for item in claim(store).claims] == ["second"]


def test_lease_lasts_as_long_as_was_asked(store: Store, clock: Clock) -> None:
    submit(store, 1)
    (leased,) = claim(store).claims
    assert clock.remaining_seconds("leases", leased.token) == pytest.approx(LEASE_SECONDS, abs=2)


def test_request_is_claimed_by_one_worker_only(store: Store) -> None:
    submit(store, *range(50))
    claimed = [claim(store, worker, count=30).claims for worker in ("one", "two")]
    assert [len(claims) for claims in claimed] == [30, 20]
    assert sorted(numbers([*claimed[0], *claimed[1]])) == list(range(50))


def test_short_queue_is_shared_between_live_workers(store: Store) -> None:
    for worker in ("one", "two", "three"):
        store.enlist(echo, worker, worker_seconds=15)
    submit(store, *range(10))
    assert len(claim(store, "one").claims) == 4
    assert len(claim(store, "two").claims) == 2
    assert len(claim(store, "three").claims) == 2


def test_dead_worker_gets_no_share(store: Store, clock: Clock) -> None:
    store.enlist(echo, "dead", worker_seconds=15)
    clock.lapse_workers()
    store.enlist(echo, "alive", worker_seconds=15)
    submit(store, *range(10))
    assert len(claim(store, "alive").claims) == 10


def lose(store: Store, clock: Clock, *requests: int) -> list[str]:
    """Have a worker die that had claimed these."""
    ids = submit(store, *requests)
    claim(store)
    clock.lapse_leases()
    store.reap(echo)
    return ids


def test_request_whose_worker_was_lost_is_claimed_alone(store: Store, clock: Clock) -> None:
    lose(store, clock, 1, 2)
    (other,) = submit(store, 3)
    assert sorted(len(claim(store).claims) for _ in range(3)) == [1, 1, 1]
    assert status(store, other) is Status.RUNNING
    assert claim(store).claims == []


def test_lost_request_waits_until_the_batch_before_it_is_claimed(
    store: Store, clock: Clock
) -> None:
    (lost,) = lose(store, clock, 1)
    older = submit(store, 2, 3)
    for request in older:
        clock.age_waiting(request, 3600)
    submit(store, 4)
    assert sorted(numbers(claim(store).claims)) == [2, 3, 4]
    assert look(store, lost).position == 0
    assert numbers(claim(store).claims) == [1]


def test_each_claim_raises_the_attempt(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    attempts: list[int] = []
    for _ in range(2):
        attempts.extend(one.attempt for one in claim(store).claims)
        clock.lapse_leases()
        store.reap(echo)
    assert attempts == [1, 2]
    assert look(store, request).attempt == 2


def test_retry_is_not_claimed_before_its_time(store: Store, clock: Clock) -> None:
    submit(store, 1)
    fail(store, claim(store))
    assert claim(store).claims == []
    clock.ripen_retries()
    assert numbers(claim(store).claims) == [1]


def test_record_that_was_evicted_does_not_break_a_claim(store: Store, redis: Redis) -> None:
    ids = submit(store, 1, 2, 3)
    _, token = split_request_id(ids[1])
    forget_request(store, "echo", token)
    assert sorted(numbers(claim(store).claims)) == [1, 3]
    assert store.count(echo).pending == 0


def test_extended_lease_begins_anew(store: Store, clock: Clock) -> None:
    submit(store, 1)
    batch = claim(store)
    clock.lapse_leases()
    assert extend(store, batch, lease_seconds=100) == set()
    assert clock.remaining_seconds("leases", batch.claims[0].token) == pytest.approx(100, abs=2)
    assert store.reap(echo) == (0, 0)


def test_extend_keeps_the_worker_alive(store: Store, clock: Clock) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    clock.lapse_workers()
    assert store.count(echo).workers == 0
    extend(store, Batch(generation="0", claims=[]))
    assert store.count(echo).workers == 1
    assert store.demand("echo").drains == 1, "a heartbeat begins no drain"


def test_extend_names_what_is_no_longer_the_workers(store: Store, clock: Clock) -> None:
    submit(store, 1, 2, 3)
    batch = claim(store)
    taken, done, kept = batch.claims
    complete(store, Batch(generation="0", claims=[done]))
    store.client.zadd(f"{keys.root(store.namespace, 'echo')}:leases", {taken.token: 1})
    store.reap(echo)
    claim(store, "other")
    assert extend(store, batch) == {taken.token, done.token}
    assert extend(store, Batch(generation="0", claims=[kept])) == set()


def test_released_request_is_pending_at_once_and_in_front(store: Store) -> None:
    (request,) = submit(store, 1)
    batch = claim(store)
    submit(store, 2)
    assert store.release(echo, batch.claims) == 1
    assert status(store, request) is Status.PENDING
    assert look(store, request).position == 0
    assert numbers(claim(store).claims) == [1, 2]


def test_release_holds_nothing_against_the_request(store: Store) -> None:
    (request,) = submit(store, 1)
    for _ in range(10):
        store.release(echo, claim(store).claims)
    submit(store, 2)
    assert sorted(numbers(claim(store).claims)) == [1, 2], "it still shares its batch"
    assert look(store, request).attempt == 11


def test_release_of_a_lost_lease_changes_nothing(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    late = claim(store)
    clock.lapse_leases()
    store.reap(echo)
    assert store.release(echo, late.claims) == 0
    claim(store, "other")
    assert store.release(echo, late.claims) == 0
    assert status(store, request) is Status.RUNNING


def test_progress_is_recorded_and_shown(store: Store) -> None:
    (request,) = submit(store, 1)
    batch = claim(store)
    store.report(echo, batch.claims, 0.25, "a quarter")
    found = look(store, request)
    assert (found.progress_fraction, found.progress_message) == (0.25, "a quarter")


def test_progress_of_a_lost_lease_is_ignored(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    late = claim(store)
    clock.lapse_leases()
    store.reap(echo)
    store.report(echo, late.claims, 0.25, "a quarter")
    assert look(store, request).progress_fraction is None
