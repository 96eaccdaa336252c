"""Reap: what dead workers held comes back, and ends at last."""

from __future__ import annotations

from redis import Redis

from batchwell import computation
from batchwell.identifiers import split_request_id
from batchwell.records import Status
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    claim,
    complete,
    compute,
    echo,
    fail,
    look,
    numbers,
    params,
    status,
    submit,
)
from tests.stored import forget_request


@computation(max_attempts=1)
def once(n: int) -> int:
    return n


def test_expired_lease_returns_request_to_pending(store: Store, clock: Clock) -> None:
    requests = submit(store, 1, 2)
    claim(store)
    clock.lapse_leases()
    assert store.reap(echo) == (2, 0)
    assert [status(store, request) for request in requests] == [Status.PENDING] * 2
    counts = store.count(echo)
    assert (counts.pending, counts.running) == (2, 0)


def test_live_lease_is_left_alone(store: Store) -> None:
    (request,) = submit(store, 1)
    claim(store)
    assert store.reap(echo) == (0, 0)
    assert status(store, request) is Status.RUNNING


def test_reaped_request_comes_before_what_was_submitted_later(store: Store, clock: Clock) -> None:
    submit(store, 1)
    claim(store)
    clock.lapse_leases()
    submit(store, 2)
    store.reap(echo)
    assert numbers(claim(store).claims) == [1]


def test_request_that_outlives_no_worker_fails_at_last(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    for expected in ((1, 0), (1, 0), (0, 1)):
        claim(store)
        clock.lapse_leases()
        assert store.reap(echo) == expected
    found = look(store, request)
    assert found.status is Status.FAILED
    assert found.error_type == "WorkerLost"
    assert "died" in found.error_message
    assert "3 times" in found.error_message


def test_one_death_is_held_against_none_of_several(store: Store, clock: Clock) -> None:
    requests = submit(store, 1, 2, computation=once)
    claim(store, computation=once)
    once_clock = Clock(store, once)
    once_clock.lapse_leases()
    assert store.reap(once) == (2, 0), "max_attempts is 1, but which one killed the worker?"
    assert "and others" in look(store, requests[0], once).error_message
    assert len(claim(store, computation=once).claims) == 1, "alone, to find the culprit"
    once_clock.lapse_leases()
    assert store.reap(once) == (0, 1)
    complete(store, claim(store, computation=once), computation=once)
    ends = {status(store, request, once) for request in requests}
    assert ends == {Status.FAILED, Status.SUCCEEDED}


def test_failures_count_beside_losses(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    for _ in range(2):
        fail(store, claim(store))
        clock.ripen_retries()
    claim(store)
    clock.lapse_leases()
    assert store.reap(echo) == (0, 1)
    assert status(store, request) is Status.FAILED


def test_worker_lost_for_good_leaves_the_last_good_value(store: Store, clock: Clock) -> None:
    compute(store, 1)
    submit(store, 1, max_age_seconds=0)
    for _ in range(3):
        claim(store)
        clock.lapse_leases()
        store.reap(echo)
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.value == "1"


def test_failed_request_makes_room_for_a_new_one(store: Store, clock: Clock) -> None:
    (failed,) = submit(store, 1)
    for _ in range(3):
        claim(store)
        clock.lapse_leases()
        store.reap(echo)
    (again,) = submit(store, 1)
    assert again != failed
    complete(store, claim(store))
    assert status(store, again) is Status.SUCCEEDED
    assert status(store, failed) is Status.FAILED


def test_reaping_twice_takes_nothing_twice(store: Store, clock: Clock) -> None:
    submit(store, 1)
    claim(store)
    clock.lapse_leases()
    assert store.reap(echo) == (1, 0)
    assert store.reap(echo) == (0, 0)


def test_thousands_are_taken_back_in_a_few_calls(store: Store, clock: Clock) -> None:
    submit(store, *range(2500))
    claim(store, count=2500)
    clock.lapse_leases()
    assert [store.reap(echo) for _ in range(4)] == [(1000, 0), (1000, 0), (500, 0), (0, 0)]


def test_record_that_was_evicted_does_not_break_a_reap(
    store: Store, clock: Clock, redis: Redis
) -> None:
    evicted, other = submit(store, 1, 2)
    claim(store)
    _, token = split_request_id(evicted)
    forget_request(store, "echo", token)
    clock.lapse_leases()
    assert store.reap(echo) == (1, 0)
    assert store.inspect(echo, evicted) is None
    assert status(store, other) is Status.PENDING
    assert store.count(echo).running == 0
