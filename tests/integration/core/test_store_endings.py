"""Cancelled, expired, dead letters and their replay; what a dead worker held."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from batchwell import Failure, computation, keys
from batchwell.connection import Client, check_durable, connect
from batchwell.errors import NotReplayable, SettingsError, StoreUnavailable, UnknownRequest
from batchwell.records import Status
from batchwell.scripts import load_script
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    claim,
    complete,
    compute,
    echo,
    extend,
    fail,
    look,
    numbers,
    params,
    status,
    submit,
)
from tests.servers import StoreServer
from tests.stored import forget_request


def test_pending_request_is_cancelled_and_never_claimed(store: Store) -> None:
    kept, cancelled = submit(store, 1, 2)
    assert store.cancel(echo, cancelled) is Status.CANCELLED
    assert numbers(claim(store).claims) == [1]
    assert status(store, cancelled) is Status.CANCELLED
    assert look(store, cancelled).finished_at is not None
    assert status(store, kept) is Status.RUNNING


def test_running_request_is_cancelled_at_once_and_its_worker_is_fenced_off(store: Store) -> None:
    (request,) = submit(store, 1)
    batch = claim(store)
    assert store.cancel(echo, request) is Status.CANCELLED
    assert extend(store, batch) == {batch.claims[0].token}
    assert store.report(echo, batch.claims, 0.5, "") == {batch.claims[0].token}
    assert complete(store, batch) == 0
    assert store.read(echo, params(1)[0]) is None
    assert status(store, request) is Status.CANCELLED


def test_request_that_waits_for_a_retry_is_cancelled_too(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    fail(store, claim(store))
    store.cancel(echo, request)
    clock.ripen_retries()
    assert not claim(store).claims
    assert status(store, request) is Status.CANCELLED


def test_ended_request_is_not_cancelled(store: Store) -> None:
    (request,) = submit(store, 1)
    complete(store, claim(store))
    assert store.cancel(echo, request) is Status.SUCCEEDED
    assert status(store, request) is Status.SUCCEEDED


def test_cancelling_an_unknown_request_tells_so(store: Store) -> None:
    assert store.cancel(echo, f"echo-{'a' * 16}") is None


def test_cancelled_parameters_can_be_asked_for_again(store: Store) -> None:
    (first,) = submit(store, 1)
    store.cancel(echo, first)
    (second,) = submit(store, 1)
    assert second != first
    assert numbers(claim(store).claims) == [1]


def test_request_past_its_deadline_expires_and_is_never_claimed(store: Store, clock: Clock) -> None:
    (patient,), (hasty,) = submit(store, 1), submit(store, 2, expires_seconds=60)
    assert status(store, hasty) is Status.PENDING
    clock.lapse_deadlines()
    assert numbers(claim(store).claims) == [1]
    assert status(store, hasty) is Status.EXPIRED
    assert status(store, patient) is Status.RUNNING


@pytest.mark.parametrize("looker", ["inspect", "reap", "submit"])
def test_deadline_is_kept_without_any_worker(store: Store, clock: Clock, looker: str) -> None:
    (request,) = submit(store, 1, expires_seconds=60)
    clock.lapse_deadlines()
    if looker == "reap":
        store.reap(echo)
    elif looker == "submit":
        (again,) = submit(store, 1)
        assert again != request
    assert status(store, request) is Status.EXPIRED


def test_running_request_does_not_expire(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1, expires_seconds=60)
    batch = claim(store)
    clock.lapse_deadlines()
    store.reap(echo)
    assert complete(store, batch) == 1
    assert status(store, request) is Status.SUCCEEDED


@pytest.mark.parametrize(("second", "expired"), [(None, False), (3600, False), (1, True)])
def test_most_patient_of_those_who_wait_decides(
    store: Store, redis: Redis, second: float | None, expired: bool
) -> None:
    (request,) = submit(store, 1, expires_seconds=60)
    submit(store, 1, expires_seconds=second)
    deadlines = f"{keys.root(store.namespace, 'echo')}:deadlines"
    for member, moment in redis.zscan_iter(deadlines):
        redis.zadd(deadlines, {member: moment - 61_000})
    assert (status(store, request) is Status.EXPIRED) is expired


def test_failed_requests_are_dead_letters_with_their_story(store: Store, clock: Clock) -> None:
    first, second = submit(store, 1, 2)
    for _ in range(3):
        fail(store, claim(store))
        clock.ripen_retries()
    letters = store.failures(echo)
    assert (letters.total, letters.next) == (2, "")
    assert {letter.id for letter in letters.requests} == {first, second}
    letter = letters.requests[0]
    assert (letter.status, letter.error_kind) == (Status.FAILED, "user")
    assert [(error.attempt, error.type) for error in letter.story] == [
        (1, "Broken"),
        (2, "Broken"),
        (3, "Broken"),
    ]
    assert store.count(echo).dead_letters == 2


@computation(max_attempts=20)
def stubborn(n: int) -> int:
    return n


def test_story_keeps_the_last_ten_errors(store: Store) -> None:
    (request,) = submit(store, 1, computation=stubborn)
    for _ in range(12):
        fail(store, claim(store, computation=stubborn), computation=stubborn)
        Clock(store, stubborn).ripen_retries()
    story = look(store, request, stubborn).story
    assert [error.attempt for error in story] == list(range(3, 13))


def test_story_tells_losses_beside_failures_and_nothing_of_releases(
    store: Store, clock: Clock
) -> None:
    (request,) = submit(store, 1)
    for _ in range(2):
        claim(store)
        clock.lapse_leases()
        store.reap(echo)
    store.release(echo, claim(store).claims)
    store.fail(echo, [(claim(store).claims[0], Failure("end", "End", "system"), False)])
    found = look(store, request)
    assert [error.type for error in found.story] == ["WorkerLost", "WorkerLost", "End"]
    assert (found.error_kind, found.error_message) == ("system", "end")


def test_dead_letter_is_forgotten_with_its_record(store: Store, redis: Redis) -> None:
    requests = submit(store, 1, 2)
    fail(store, claim(store), retry=False)
    forget_request(store, "echo", requests[0].removeprefix("echo-"))
    assert [found.id for found in store.failures(echo).requests] == [requests[1]]
    assert store.failures(echo).total == 1


def test_old_dead_letters_are_forgotten_by_the_next_failure(store: Store, clock: Clock) -> None:
    submit(store, 1)
    fail(store, claim(store), retry=False)
    clock.age_dead_letters()
    submit(store, 2)
    fail(store, claim(store), retry=False)
    assert store.failures(echo).total == 1


def test_no_deadline_outlives_the_waiting_that_it_ends(
    store: Store, clock: Clock, redis: Redis
) -> None:
    deadlines = f"{keys.root(store.namespace, 'echo')}:deadlines"
    submit(store, 1, expires_seconds=60)
    complete(store, claim(store))
    assert redis.zcard(deadlines) == 0, "it was computed in time"
    submit(store, 2, expires_seconds=60)
    claim(store)
    clock.lapse_deadlines()
    store.reap(echo)
    assert redis.zcard(deadlines) == 0, "it was begun in time"


def test_replay_wakes_a_worker(store: Store) -> None:
    (dead,) = submit(store, 1)
    fail(store, claim(store), retry=False)
    store.enlist(echo, "worker", worker_seconds=15)
    store.retry(echo, dead)
    assert store.wait(echo, 1) is True


def test_dead_letter_is_replayed_as_a_new_request(store: Store) -> None:
    (dead,) = submit(store, 1)
    fail(store, claim(store), retry=False)
    replayed = store.retry(echo, dead)
    assert replayed != dead
    assert look(store, dead).retried_by == replayed
    assert store.failures(echo).total == 0
    complete(store, claim(store))
    assert status(store, replayed) is Status.SUCCEEDED
    assert status(store, dead) is Status.FAILED


def test_replay_attaches_to_a_request_that_is_under_way(store: Store) -> None:
    (dead,) = submit(store, 1)
    fail(store, claim(store), retry=False)
    (under_way,) = submit(store, 1)
    assert store.retry(echo, dead) == under_way
    assert store.count(echo).pending == 1


def test_repeating_a_replay_whose_reply_was_lost_computes_nothing_twice(
    store: Store, redis: Redis
) -> None:
    (dead,) = submit(store, 1)
    fail(store, claim(store), retry=False)
    call = (keys.root(store.namespace, "echo"), dead.removeprefix("echo-"), "a" * 16)
    script = load_script("retry").source
    assert redis.eval(script, 1, *call) == ["created", "a" * 16]
    complete(store, claim(store))
    assert redis.eval(script, 1, *call) == ["attached", "a" * 16]
    assert store.count(echo).pending == 0


def test_replay_does_not_attach_to_a_request_whose_record_was_evicted(
    store: Store, redis: Redis
) -> None:
    (dead,) = submit(store, 1)
    fail(store, claim(store), retry=False)
    (evicted,) = submit(store, 1)
    forget_request(store, "echo", evicted.removeprefix("echo-"))
    replayed = store.retry(echo, dead)
    assert replayed != evicted
    assert status(store, replayed) is Status.PENDING


def test_only_what_ended_without_a_value_is_replayed(store: Store) -> None:
    compute(store, 1)
    (pending,) = submit(store, 2)
    with pytest.raises(NotReplayable, match="pending"):
        store.retry(echo, pending)
    with pytest.raises(UnknownRequest):
        store.retry(echo, f"echo-{'a' * 16}")


def test_abandoned_claims_are_taken_back_at_once(store: Store) -> None:
    submit(store, 1, 2, 3)
    store.enlist(echo, "dead", worker_seconds=60)
    mine, other = claim(store, "dead", count=2), claim(store, "alive", count=1)
    assert store.abandon(echo, "dead") == 2
    assert store.demand("echo").workers == 0
    assert store.reap(echo) == (2, 0)
    assert complete(store, mine) == 0
    assert complete(store, other) == 1
    assert store.count(echo).pending == 2


def knows_waitaof(client: Client) -> bool:
    info: Any = client.info("server")
    return tuple(map(int, str(info["redis_version"]).split(".")[:2])) >= (7, 2)


def test_durable_submit_is_acknowledged_once_it_is_on_disk(
    own_server: StoreServer, namespace: str
) -> None:
    with connect(own_server.url) as client:
        if not knows_waitaof(client):
            with pytest.raises(SettingsError, match="WAITAOF"):
                check_durable(client)
            return
        check_durable(client)
        store = Store(client, namespace=namespace, durable=True)
        (request,) = submit(store, 1)
        own_server.kill()
        own_server.start()
        assert status(store, request) is Status.PENDING
        client.config_set("appendfsync", "no")
        with pytest.raises(StoreUnavailable, match="on disk"):
            submit(store, 2)


def test_durable_store_without_an_append_only_file_is_refused(own_server: StoreServer) -> None:
    with connect(own_server.url) as client:
        client.config_set("appendonly", "no")
        with pytest.raises(SettingsError, match="appendonly"):
            check_durable(client)
