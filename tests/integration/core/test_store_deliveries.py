"""Which messages are owed, to whom, and what becomes of them."""

from __future__ import annotations

import pytest
from redis import Redis

from batchwell import Failure, keys
from batchwell.deliveries import Answer, Delivery, Taken
from batchwell.errors import UnknownDelivery
from batchwell.records import Status, Submission
from batchwell.scripts import load_script
from batchwell.store import Once, Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import claim, complete, echo, fail, look, params, submit
from tests.stored import forget_request

HERE, THERE = "https://here.test/hook?key=1", "https://there.test/"
OK = Answer(status=204)
REFUSED = Answer(status=500, error="answered 500")


def submit_with(store: Store, number: int, webhook: str | None, **options: float) -> str:
    (submission,) = store.submit(echo, params(number), webhook=webhook, **options)  # type: ignore[arg-type]  # floats only
    assert submission.outcome in ("created", "attached")
    assert submission.request is not None
    return submission.request


def owed(store: Store) -> list[Delivery]:
    return store.deliveries(echo)[0]


def take(store: Store, count: int = 100) -> list[Taken]:
    return store.take(echo, count=count, lease_seconds=30)[0]


def root(store: Store) -> str:
    return keys.root(store.namespace, "echo")


def test_nothing_is_owed_before_the_request_ends(store: Store) -> None:
    request = submit_with(store, 1, HERE)
    batch = claim(store)
    assert batch.delivery_due_seconds is None
    assert owed(store) == []
    assert look(store, request).deliveries == []


def test_success_is_owed_to_every_url_once(store: Store) -> None:
    request = submit_with(store, 1, HERE)
    for url in (THERE, HERE, THERE, None):
        assert submit_with(store, 1, url) == request
    batch = claim(store)
    complete(store, batch)
    complete(store, batch)
    found = owed(store)
    assert [(one.id, one.url) for one in found] == [(f"{request}-2", THERE), (f"{request}-1", HERE)]
    first = found[-1]
    assert (first.request, first.event, first.status) == (request, "succeeded", "owed")
    assert (first.attempts, first.attempted_at, first.answer, first.error) == (0, None, None, "")
    assert first.due_at == first.owed_at
    assert {one.id for one in look(store, request).deliveries} == {one.id for one in found}


def test_requests_without_a_webhook_owe_nothing(store: Store, redis: Redis) -> None:
    submit(store, 1, 2)
    complete(store, claim(store))
    assert owed(store) == []
    assert not redis.exists(f"{root(store)}:owed", f"{root(store)}:deliveries")


def test_every_end_is_told(store: Store, clock: Clock) -> None:
    ended = {}
    failed = submit_with(store, 1, HERE)
    store.fail(echo, [(claim(store).claims[0], Failure("no", "No"), False)])
    ended[failed] = "failed"
    cancelled = submit_with(store, 2, HERE)
    store.cancel(echo, cancelled)
    ended[cancelled] = "cancelled"
    running = submit_with(store, 3, HERE)
    claim(store)
    store.cancel(echo, running)
    ended[running] = "cancelled"
    expired = submit_with(store, 4, HERE, expires_seconds=60)
    clock.lapse_deadlines()
    assert look(store, expired).status is Status.EXPIRED
    ended[expired] = "expired"
    lost = submit_with(store, 5, HERE)
    for _ in range(3):
        claim(store)
        clock.lapse_leases()
        store.reap(echo)
    ended[lost] = "failed"
    assert {one.request: one.event for one in owed(store)} == ended


def test_attempt_that_is_tried_again_owes_nothing_yet(store: Store) -> None:
    submit_with(store, 1, HERE)
    fail(store, claim(store))
    assert owed(store) == []


def test_fresh_answer_owes_nothing(store: Store) -> None:
    submit(store, 1)
    complete(store, claim(store))
    (submission,) = store.submit(echo, params(1), webhook=HERE)
    assert submission.outcome == "fresh"
    assert owed(store) == []


def test_request_that_follows_in_a_newer_generation_is_not_told_of(store: Store) -> None:
    first = submit_with(store, 1, HERE)
    batch = claim(store)
    store.invalidate(echo)
    assert submit_with(store, 1, THERE) == first, "the client looks at this one"
    complete(store, batch)
    complete(store, claim(store))
    assert {one.request for one in owed(store)} == {first}


def test_eleventh_url_is_refused_and_changes_nothing(store: Store, clock: Clock) -> None:
    request = submit_with(store, 1, f"{THERE}0", expires_seconds=60)
    for number in range(1, 10):
        submit_with(store, 1, f"{THERE}{number}", expires_seconds=60)
    once = Once(key="key", payload="payload")
    for _ in range(2):
        (submission,) = store.submit(echo, params(1), webhook=HERE, once=once)
        assert submission == Submission(outcome="crowded", request=request, result=None)
    clock.lapse_deadlines()
    assert look(store, request).status is Status.EXPIRED, "nobody patient has come"
    assert len(owed(store)) == 10


def test_repeating_a_submit_whose_reply_was_lost_tells_once(store: Store) -> None:
    once = Once(key="key", payload="payload")
    for _ in range(2):
        store.submit(echo, params(1), webhook=HERE, once=once)
    complete(store, claim(store))
    assert len(owed(store)) == 1


def test_replayed_request_is_not_told_of_again(store: Store) -> None:
    failed = submit_with(store, 1, HERE)
    fail(store, claim(store), retry=False)
    store.retry(echo, failed)
    complete(store, claim(store))
    assert [one.request for one in owed(store)] == [failed]


def test_what_has_to_be_told_is_kept_for_a_week(store: Store, redis: Redis) -> None:
    request = submit_with(store, 1, HERE)
    complete(store, claim(store))
    token = request.removeprefix("echo-")
    assert redis.ttl(f"{root(store)}:ended:{token}") > 6 * 86_400
    assert redis.ttl(f"{root(store)}:delivery:{token}-1") == -1, "as long as it is owed"
    store.settle(echo, take(store)[0], OK, again_seconds=None)
    assert redis.ttl(f"{root(store)}:delivery:{token}-1") > 6 * 86_400


def test_taken_delivery_is_taken_again_once_its_lease_has_passed(
    store: Store, clock: Clock
) -> None:
    submit_with(store, 1, HERE)
    complete(store, claim(store))
    (first,) = take(store)
    assert (first.attempt, first.tries, first.url, first.event) == (1, 1, HERE, "succeeded")
    assert take(store) == []
    clock.lapse_deliveries()
    (second,) = take(store)
    assert (second.id, second.attempt) == (first.id, 2)
    assert store.settle(echo, first, OK, again_seconds=None) == "not_owner"
    assert owed(store)[0].status == "owed"
    assert store.settle(echo, second, OK, again_seconds=None) == "delivered"
    assert store.settle(echo, second, REFUSED, again_seconds=5) == "not_owner"
    assert owed(store)[0].status == "delivered"
    clock.lapse_deliveries()
    assert take(store) == []


def test_take_tells_when_the_next_is_due(store: Store) -> None:
    for number in (1, 2):
        submit_with(store, number, HERE)
    complete(store, claim(store))
    taken, due_seconds = store.take(echo, count=1, lease_seconds=30)
    assert len(taken) == 1
    assert due_seconds is not None
    assert due_seconds <= 0
    taken, due_seconds = store.take(echo, count=1, lease_seconds=30)
    assert due_seconds == pytest.approx(30, abs=1)


def test_failed_attempt_is_due_later_and_told_with_its_reason(store: Store, clock: Clock) -> None:
    submit_with(store, 1, HERE)
    complete(store, claim(store))
    assert store.settle(echo, take(store)[0], REFUSED, again_seconds=600) == "owed"
    (delivery,) = owed(store)
    assert (delivery.status, delivery.attempts) == ("owed", 1)
    assert (delivery.answer, delivery.error) == (500, "answered 500")
    assert delivery.due_at is not None
    assert clock.remaining_seconds("owed", delivery.id.removeprefix("echo-")) == pytest.approx(
        600, abs=5
    )
    assert claim(store).delivery_due_seconds == pytest.approx(600, abs=5)


def test_last_attempt_leaves_the_delivery_dead(store: Store) -> None:
    submit_with(store, 1, HERE)
    complete(store, claim(store))
    assert store.settle(echo, take(store)[0], REFUSED, again_seconds=None) == "dead"
    (delivery,) = owed(store)
    assert (delivery.status, delivery.due_at) == ("dead", None)
    assert claim(store).delivery_due_seconds is None


@pytest.mark.parametrize("answer", [OK, REFUSED])
def test_delivery_is_asked_for_again_with_all_attempts_before_it(
    store: Store, answer: Answer
) -> None:
    submit_with(store, 1, HERE)
    complete(store, claim(store))
    (first,) = take(store)
    store.settle(echo, first, answer, again_seconds=None)
    again = store.redeliver(echo, first.id)
    assert (again.status, again.id, again.attempts) == ("owed", first.id, 1)
    (second,) = take(store)
    assert (second.id, second.tries) == (first.id, 1)
    assert second.attempt > first.attempt
    assert store.settle(echo, second, OK, again_seconds=None) == "delivered"
    assert owed(store)[0].attempts == 2, "those that were made"


def test_delivery_asked_for_again_while_it_is_made_fences_that_attempt_off(store: Store) -> None:
    submit_with(store, 1, HERE)
    complete(store, claim(store))
    (first,) = take(store)
    store.redeliver(echo, first.id)
    assert store.settle(echo, first, OK, again_seconds=None) == "not_owner", "not taken yet"
    (second,) = take(store)
    assert store.settle(echo, first, REFUSED, again_seconds=5) == "not_owner"
    assert store.settle(echo, second, OK, again_seconds=None) == "delivered"


def test_delivery_without_its_request_is_not_made_again(store: Store, redis: Redis) -> None:
    request = submit_with(store, 1, HERE)
    complete(store, claim(store))
    forget_request(store, "echo", request.removeprefix("echo-"))
    for unknown in (f"{request}-1", f"{request}-2", f"{request}-x", f"{request}-111", "x", "x-1"):
        with pytest.raises(UnknownDelivery):
            store.redeliver(echo, unknown)


def test_evicted_delivery_is_forgotten(store: Store, redis: Redis) -> None:
    request = submit_with(store, 1, HERE)
    complete(store, claim(store))
    redis.delete(f"{root(store)}:delivery:{request.removeprefix('echo-')}-1")
    assert owed(store) == []
    assert look(store, request).deliveries == []
    assert take(store) == []
    assert redis.zcard(f"{root(store)}:owed") == 0


def test_deliveries_are_listed_the_latest_first_page_by_page(store: Store) -> None:
    requests = [submit_with(store, number, HERE) for number in range(7)]
    for _ in requests:
        complete(store, claim(store, count=1))
    found: list[Delivery] = []
    after = ""
    while True:
        page, after = store.deliveries(echo, after=after, count=3)
        found += page
        if not after:
            break
        submit_with(store, 100 + len(found), HERE)
        complete(store, claim(store))  # what comes meanwhile repeats and hides nothing
    assert found == sorted(found, key=lambda one: (one.owed_at, one.id), reverse=True)
    assert sorted(one.request for one in found if one.request in requests) == sorted(requests)
    assert store.deliveries(echo, after=f"1:{'z' * 16}-1") == ([], "")
    assert len(owed(store)) > 7, "a place that is none leaves no trace"


def test_old_deliveries_are_forgotten(store: Store, redis: Redis) -> None:
    submit_with(store, 1, HERE)
    complete(store, claim(store))
    redis.zincrby(f"{root(store)}:deliveries", -8 * 86_400_000, owed(store)[0].id[5:])
    assert owed(store) == []
    assert redis.zcard(f"{root(store)}:deliveries") == 0
    assert len(take(store)) == 1, "it is owed all the same"


def test_due_deliveries_are_demand_and_wake_a_worker(store: Store) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    request = submit_with(store, 1, HERE)
    while store.wait(echo, 0.01):
        pass
    store.cancel(echo, request)
    assert store.wait(echo, 1) is True
    demand = store.demand("echo")
    assert (demand.waiting, demand.deliveries) == (0, 1)
    store.settle(echo, take(store)[0], REFUSED, again_seconds=600)
    assert store.demand("echo").deliveries == 0


def test_heartbeat_tells_that_a_delivery_is_due(store: Store) -> None:
    request = submit_with(store, 1, HERE)
    submit(store, 2)
    batch = claim(store)
    told = store.extend(echo, "worker", batch.claims, worker_seconds=15, lease_seconds=30)
    assert (told.lost, told.delivery_due_seconds) == (set(), None)
    store.cancel(echo, request)
    told = store.extend(echo, "worker", batch.claims, worker_seconds=15, lease_seconds=30)
    assert told.lost == {request.removeprefix("echo-")}
    assert told.delivery_due_seconds is not None
    assert told.delivery_due_seconds <= 0


def test_script_of_an_unknown_delivery_changes_nothing(store: Store, redis: Redis) -> None:
    call = '{"id": "aaaaaaaaaaaaaaaa-1", "attempt": 1, "status": "dead", "answer": "", "error": ""}'
    assert redis.eval(load_script("settle").source, 1, root(store), call) == "not_owner"
    assert not redis.exists(f"{root(store)}:delivery:aaaaaaaaaaaaaaaa-1")
