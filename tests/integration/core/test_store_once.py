"""A submit that is repeated under its key is answered as before, and recorded once."""

from __future__ import annotations

import pytest
from redis import Redis

from batchwell import computation, keys
from batchwell.errors import IdempotencyKeyReused
from batchwell.records import Status, Submission
from batchwell.store import RETAIN_SECONDS, Once, Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import claim, complete, compute, echo, params, status

KEY = Once(key="key", payload="payload")


def send(
    store: Store, *numbers: int, once: Once | None = KEY, max_age_seconds: float | None = None
) -> list[Submission]:
    return store.submit(echo, params(*numbers), once=once, max_age_seconds=max_age_seconds)


def test_repeated_submit_is_the_same_request(store: Store) -> None:
    (first,), (second,) = send(store, 1), send(store, 1)
    assert (first.outcome, second.outcome) == ("created", "attached")
    assert first.request == second.request
    assert store.count(echo).pending == 1


def test_it_is_the_same_request_also_after_its_end(store: Store) -> None:
    (first,) = send(store, 1, max_age_seconds=0)
    complete(store, claim(store))
    (second,) = send(store, 1, max_age_seconds=0)
    assert second.request == first.request, "although it asks for a new value"
    assert second.result is not None
    assert store.count(echo).pending == 0
    (third,) = send(store, 1, max_age_seconds=0, once=None)
    assert third.request != first.request


def test_cancelled_request_stays_cancelled(store: Store) -> None:
    (first,) = send(store, 1)
    assert first.request is not None
    store.cancel(echo, first.request)
    (second,) = send(store, 1)
    assert second.request == first.request
    assert status(store, first.request) is Status.CANCELLED


def test_submit_that_a_value_answered_asks_for_nothing_later(store: Store, clock: Clock) -> None:
    compute(store, 1)
    (first,) = send(store, 1)
    clock.age_result(params(1)[0].digest, 2 * 3600)
    (second,) = send(store, 1)
    assert (first.outcome, second.outcome) == ("fresh", "fresh")
    assert second.result is not None
    assert (second.result.value, second.result.state) == ("1", "stale")
    assert store.count(echo).pending == 0


def test_value_that_is_gone_is_asked_for_anew(store: Store, redis: Redis) -> None:
    compute(store, 1)
    send(store, 1)
    redis.delete(f"{keys.root(store.namespace, 'echo')}:result:{params(1)[0].digest}")
    assert send(store, 1)[0].outcome == "created"


def test_other_payload_is_refused_and_nothing_recorded(store: Store) -> None:
    send(store, 1)
    with pytest.raises(IdempotencyKeyReused, match="echo"):
        send(store, 2, once=Once(key="key", payload="other"))
    assert store.count(echo).pending == 1
    assert send(store, 2, once=Once(key="other", payload="other"))[0].outcome == "created"


@computation(max_pending=1)
def tight(n: int) -> int:
    return n


def test_what_was_refused_is_decided_anew(store: Store) -> None:
    items = params(1, 2, computation=tight)
    first = store.submit(tight, items, once=KEY)
    assert [item.outcome for item in first] == ["created", "full"]
    claim(store, computation=tight)
    second = store.submit(tight, items, once=KEY)
    assert [item.outcome for item in second] == ["attached", "created"]
    assert second[0].request == first[0].request


def test_nothing_is_remembered_of_a_call_that_was_refused_whole(store: Store) -> None:
    store.submit(tight, params(1, computation=tight))
    store.submit(tight, params(2, computation=tight), once=KEY)
    other = Once(key="key", payload="other")
    assert store.submit(tight, params(3, computation=tight), once=other)[0].outcome == "full"


def test_call_of_many_items_is_repeated_as_a_whole(store: Store) -> None:
    first, second = send(store, *range(1200), 7), send(store, *range(1200), 7)
    assert [item.request for item in first] == [item.request for item in second]
    assert store.count(echo).pending == 1200


def test_key_is_of_one_computation(store: Store) -> None:
    send(store, 1)
    (submission,) = store.submit(tight, params(2, computation=tight), once=KEY)
    assert submission.outcome == "created"


def test_key_is_remembered_for_a_day_from_its_first_use(store: Store, redis: Redis) -> None:
    name = f"{keys.root(store.namespace, 'echo')}:once:key"
    send(store, 1)
    assert RETAIN_SECONDS - 60 < redis.ttl(name) <= RETAIN_SECONDS
    redis.expire(name, 100)
    send(store, 1)
    assert redis.ttl(name) <= 100


def test_submit_without_a_key_writes_none(store: Store, redis: Redis) -> None:
    send(store, 1, once=None)
    assert not redis.keys(f"{store.namespace}*:once:*")


def test_bare_submit_tells_outcomes_without_results(store: Store) -> None:
    compute(store, 1)
    (fresh,) = store.submit(echo, params(1), most_bytes=0)
    (forced,) = store.submit(echo, params(1), most_bytes=0, max_age_seconds=0)
    assert (fresh.outcome, fresh.result, forced.outcome, forced.result) == (
        "fresh",
        None,
        "created",
        None,
    )
