"""What is told of changed requests: one message a call; what a look shows; who attends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from redis import Redis

from batchwell.identifiers import new_token
from batchwell.records import Status
from batchwell.store import Store
from batchwell.store.following import Changes
from batchwell.work_records import Batch
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    claim,
    complete,
    echo,
    extend,
    fail,
    look,
    submit,
)


@pytest.fixture
def changes(second_store: Store) -> Iterator[Changes]:
    with second_store.changes() as changes:
        assert changes.hear(5).is_new
        yield changes


def tokens(ids: list[str]) -> set[str]:
    return {request_id.rpartition("-")[2] for request_id in ids}


def told(changes: Changes) -> set[str]:
    """Return the tokens of what was told; there must be one message."""
    heard = changes.hear(5)
    assert list(heard.tokens) == ["echo"]
    return heard.tokens["echo"]


def test_every_way_of_a_request_is_told_once_a_call(
    store: Store, clock: Clock, changes: Changes
) -> None:
    ids = submit(store, 1, 2, 3)
    batch = claim(store)
    assert told(changes) == tokens(ids)
    store.report(echo, batch.claims[:1], 0.5, "half")
    assert told(changes) == {batch.claims[0].token}
    assert fail(store, only(batch, 0))["retrying"] == 1
    assert told(changes) == {batch.claims[0].token}
    store.release(echo, batch.claims[1:2])
    assert told(changes) == {batch.claims[1].token}
    assert complete(store, only(batch, 2)) == 1
    assert told(changes) == {batch.claims[2].token}
    first, second, _ = (claim.token for claim in batch.claims)
    store.cancel(echo, f"echo-{first}")
    assert told(changes) == {first}
    claim(store)
    assert told(changes) == {second}
    clock.lapse_leases()
    store.reap(echo)
    assert told(changes) == {second}
    assert not changes.hear(0.05).tokens


def test_ends_are_told_apart(store: Store, changes: Changes) -> None:
    submit(store, 1, 2, 3)
    batch = claim(store)
    assert changes.hear(5).ended == set()
    first, second, third = (claim.token for claim in batch.claims)
    assert complete(store, only(batch, 0)) == 1
    assert changes.hear(5).ended == {first}
    fail(store, only(batch, 1), retry=False)
    assert changes.hear(5).ended == {second}
    store.cancel(echo, f"echo-{third}")
    heard = changes.hear(5)
    assert (heard.ended, heard.tokens) == ({third}, {"echo": {third}})


def only(batch: Batch, index: int) -> Batch:
    return replace(batch, claims=[batch.claims[index]])


def test_expiry_is_told_by_whoever_notices_it(store: Store, clock: Clock, changes: Changes) -> None:
    ids = submit(store, 1, expires_seconds=60)
    clock.lapse_deadlines()
    (standing,) = store.look("echo", tokens(ids)).values()
    assert standing.status is Status.EXPIRED
    assert told(changes) == tokens(ids)


def test_workers_that_come_and_go_are_told_without_a_request(
    store: Store, changes: Changes
) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    assert told(changes) == set()
    store.enlist(echo, "worker", worker_seconds=15)
    assert not changes.hear(0.05).tokens
    store.retire(echo, "worker", when="now")
    assert told(changes) == set()


def test_submits_and_reads_tell_nothing(store: Store, changes: Changes) -> None:
    (request_id,) = submit(store, 1)
    submit(store, 1)
    store.inspect(echo, request_id)
    store.look("echo", tokens([request_id]))
    assert not changes.hear(0.05).tokens


def test_subscription_whose_connection_broke_is_new_again(redis: Redis, changes: Changes) -> None:
    redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    heard = [changes.hear(0.5) for _ in range(4)]
    assert any(one.is_new for one in heard)


def test_look_tells_apart_whatever_a_reader_would_notice(store: Store) -> None:
    first, second = sorted(submit(store, 1, 2), key=lambda one: look(store, one).position or 0)
    seen = [store.look("echo", tokens([second]))]
    store.enlist(echo, "worker", worker_seconds=15)
    seen.append(store.look("echo", tokens([second])))
    store.cancel(echo, first)
    seen.append(store.look("echo", tokens([second])))
    batch = claim(store)
    seen.append(store.look("echo", tokens([second])))
    store.report(echo, batch.claims, 0.5, "half")
    seen.append(store.look("echo", tokens([second])))
    complete(store, batch)
    seen.append(store.look("echo", tokens([second])))
    standings = [next(iter(one.values())) for one in seen]
    assert all(one != other for one, other in pairwise(standings))
    assert [one.is_over for one in standings] == [False, False, False, False, False, True]


def test_look_at_an_unknown_request_is_over(store: Store) -> None:
    token = new_token()
    assert store.look("echo", [token])[token].is_over


def test_who_attends_is_known_by_what_workers_and_trigger_did(store: Store) -> None:
    attention = store.attention("echo")
    assert (attention.workers, attention.seen_at, attention.watched_at) == (0, None, None)
    store.enlist(echo, "worker", worker_seconds=15)
    submit(store, 1)
    extend(store, claim(store))
    attention = store.attention("echo")
    assert (attention.workers, attention.running) == (1, 1)
    assert attention.seen_at == pytest.approx(attention.read_at, abs=2)
    store.retire(echo, "worker", when="now")
    assert store.attention("echo").workers == 0


def test_inspected_request_tells_its_queue_and_the_size_of_a_call(store: Store) -> None:
    requests = [look(store, request_id) for request_id in submit(store, 1, 2, 3)]
    assert {request.position for request in requests} == {0, 1, 2}
    assert {(request.queued, request.call_size) for request in requests} == {(3, 1)}
