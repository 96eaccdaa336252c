"""Complete and fail: each request comes to one end, written by the one attempt that may."""

from __future__ import annotations

import pytest
from redis import Redis

from batchwell import Failure, keys
from batchwell.identifiers import split_request_id
from batchwell.records import Status
from batchwell.store import RETAIN_SECONDS, Origin, Store
from batchwell.work_records import Batch
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    claim,
    complete,
    compute,
    echo,
    fail,
    look,
    params,
    status,
    submit,
)


def test_completed_request_succeeds_and_its_value_is_kept(store: Store) -> None:
    (request,) = submit(store, 7)
    batch = claim(store)
    store.complete(
        echo,
        [(batch.claims[0], "49", 0.125)],
        generation=batch.generation,
        batch_size=20,
        origin=Origin(dag_id="recompute_echo", run_id="manual__1"),
    )
    found = look(store, request)
    assert found.status is Status.SUCCEEDED
    assert found.finished_at is not None
    result = found.result
    assert result is not None
    assert (result.value, result.params, result.state) == ("49", '{"n":7}', "fresh")
    assert (result.request, result.attempt) == (request, 1)
    assert (result.version, result.generation) == ("1", 0)
    assert (result.duration_seconds, result.batch_size) == (0.125, 20)
    assert (result.dag_id, result.run_id) == ("recompute_echo", "manual__1")
    assert result.fresh_until is not None
    spread = 0.1 * 3600  # of values that were computed together
    assert 3600 - spread <= result.fresh_until - result.computed_at <= 3600
    assert result.refreshed_by is None


@pytest.mark.parametrize(
    "value",
    ["null", '"quote \\" backslash \\\\ null \\u0000"', '"日本語 🙂"', "1e400", "9" * 4000, "[]"],
    ids=["null", "escapes", "unicode", "beyond double", "big integer", "empty list"],
)
def test_value_comes_back_as_the_text_that_was_kept(store: Store, value: str) -> None:
    submit(store, 1)
    complete(store, claim(store), value)
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.value == value


def test_largest_value_is_kept(store: Store) -> None:
    submit(store, 1)
    value = '"' + "\\u0000" * 2_000_000 + '"'
    assert complete(store, claim(store), value) == 1
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.value == value


def test_thousands_are_completed_in_one_call(store: Store) -> None:
    submit(store, *range(3000))
    assert complete(store, claim(store, count=3000)) == 3000
    counts = store.count(echo)
    assert (counts.pending, counts.running, counts.succeeded) == (0, 0, 3000)
    assert counts.results == 3000


def test_record_of_a_finished_request_is_kept_for_a_day_and_a_dead_letter_for_a_week(
    store: Store, redis: Redis
) -> None:
    (succeeded,), (failed,), (pending,) = submit(store, 1), submit(store, 2), submit(store, 3)
    batch = claim(store, count=3)
    by_params = {one.params: one for one in batch.claims}
    complete(store, Batch(generation="0", claims=[by_params['{"n":1}']]))
    fail(store, Batch(generation="0", claims=[by_params['{"n":2}']]), retry=False)
    root = keys.root(store.namespace, "echo")
    lives = [redis.ttl(f"{root}:ended:{split_request_id(one)[1]}") for one in (succeeded, failed)]
    assert lives[0] == pytest.approx(RETAIN_SECONDS, abs=5)
    assert lives[1] == pytest.approx(7 * RETAIN_SECONDS, abs=5)
    assert redis.hkeys(f"{root}:requests") == [split_request_id(pending)[1]]
    assert redis.ttl(f"{root}:requests") == -1, "what has not ended never expires"


def test_result_is_kept_as_long_as_its_policy_says(store: Store, redis: Redis) -> None:
    compute(store, 1)
    key = f"{keys.root(store.namespace, 'echo')}:result:{params(1)[0].digest}"
    assert redis.ttl(key) == pytest.approx(30 * 24 * 3600, abs=5)


def test_repeating_a_complete_whose_reply_was_lost_says_the_same(store: Store) -> None:
    submit(store, 1, 2)
    batch = claim(store)
    assert complete(store, batch) == 2
    assert complete(store, batch) == 2
    assert store.count(echo).succeeded == 2, "but counts once"


def late_writer(store: Store, clock: Clock) -> tuple[str, Batch]:
    """Return a running request, and a batch of a worker that lost it to another."""
    (request,) = submit(store, 1)
    late = claim(store, "late")
    clock.lapse_leases()
    store.reap(echo)
    claim(store, "other")
    return request, late


def test_late_complete_changes_nothing(store: Store, clock: Clock) -> None:
    request, late = late_writer(store, clock)
    assert complete(store, late, "666") == 0
    assert status(store, request) is Status.RUNNING
    assert store.read(echo, params(1)[0]) is None
    assert store.latest(echo) is None
    assert store.count(echo).running == 1


def test_late_fail_changes_nothing(store: Store, clock: Clock) -> None:
    request, late = late_writer(store, clock)
    assert fail(store, late, retry=False) == {"retrying": 0, "failed": 0, "not_owner": 1}
    found = look(store, request)
    assert found.status is Status.RUNNING
    assert [error.type for error in found.story] == ["WorkerLost"]


def test_late_complete_does_not_overwrite_the_other_workers_value(
    store: Store, clock: Clock
) -> None:
    (request,) = submit(store, 1)
    late = claim(store, "late")
    clock.lapse_leases()
    store.reap(echo)
    complete(store, claim(store, "other"), "1")
    assert complete(store, late, "666") == 0
    result = look(store, request).result
    assert result is not None
    assert (result.value, result.attempt) == ("1", 2)


def test_writer_between_reap_and_the_next_claim_is_late_too(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    late = claim(store)
    clock.lapse_leases()
    store.reap(echo)
    assert complete(store, late, "666") == 0
    assert status(store, request) is Status.PENDING


def test_lease_that_passed_but_was_not_taken_back_may_still_be_completed(
    store: Store, clock: Clock
) -> None:
    (request,) = submit(store, 1)
    batch = claim(store)
    clock.lapse_leases()
    assert complete(store, batch) == 1
    assert status(store, request) is Status.SUCCEEDED
    assert store.reap(echo) == (0, 0)


def test_lost_items_of_a_batch_do_not_hinder_the_others(store: Store, redis: Redis) -> None:
    submit(store, 1, 2, 3)
    batch = claim(store)
    redis.zadd(f"{keys.root(store.namespace, 'echo')}:leases", {batch.claims[1].token: 1})
    store.reap(echo)
    assert complete(store, batch) == 2


def test_failed_attempt_waits_longer_each_time_then_fails_for_good(
    store: Store, clock: Clock
) -> None:
    (request,) = submit(store, 1)
    for waits_seconds in (2, 4):
        assert fail(store, claim(store))["retrying"] == 1
        found = look(store, request)
        assert found.status is Status.PENDING
        assert found.retry_at is not None
        assert found.retry_at - found.attention.read_at == pytest.approx(waits_seconds, abs=0.5)
        assert (found.error_type, found.error_message) == ("Broken", "it broke")
        clock.ripen_retries()
    assert fail(store, claim(store)) == {"retrying": 0, "failed": 1, "not_owner": 0}
    found = look(store, request)
    assert (found.status, found.attempt) == (Status.FAILED, 3)
    assert (found.error_type, found.error_message) == ("Broken", "it broke")
    assert found.finished_at is not None
    assert store.count(echo).failed == 1


def test_final_failure_is_not_tried_again(store: Store) -> None:
    (request,) = submit(store, 1)
    fail(store, claim(store), retry=False)
    assert status(store, request) is Status.FAILED
    assert look(store, request).attempt == 1


def test_losses_and_failures_share_the_attempts(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    for _ in range(2):
        claim(store)
        clock.lapse_leases()
        store.reap(echo)
    assert fail(store, claim(store))["failed"] == 1
    assert status(store, request) is Status.FAILED


def test_failure_keeps_the_last_good_value(store: Store, clock: Clock) -> None:
    compute(store, 1)
    clock.age_result(params(1)[0].digest, 2 * 3600)
    (request,) = submit(store, 1)
    fail(store, claim(store), retry=False)
    found = look(store, request)
    assert found.status is Status.FAILED
    assert found.result is not None
    assert (found.result.value, found.result.state) == ("1", "stale")
    latest = store.latest(echo)
    assert latest is not None
    assert latest.value == "1"


def test_success_after_a_failure_ends_the_request(store: Store, clock: Clock) -> None:
    (request,) = submit(store, 1)
    fail(store, claim(store))
    clock.ripen_retries()
    complete(store, claim(store))
    assert status(store, request) is Status.SUCCEEDED
    counts = store.count(echo)
    assert (counts.pending, counts.running, counts.failed) == (0, 0, 0)


@pytest.mark.parametrize(
    "message", ["x" * 100_000, "語" * 400, "é" * 100_000, "half a pair \ud800", "", "\x00"]
)
def test_any_error_message_can_be_recorded(store: Store, message: str) -> None:
    (request,) = submit(store, 1)
    store.fail(echo, [(claim(store).claims[0], Failure(message), False)])
    found = look(store, request)
    assert message.replace("\ud800", "?").startswith(found.story[0].message)
    told = found.error_message
    assert told == message[:4000].replace("\ud800", "?")


def test_mean_time_of_an_item_is_learnt(store: Store) -> None:
    assert store.count(echo).item_seconds is None
    for number, seconds in ((1, 1.0), (2, 2.0)):
        submit(store, number)
        (one,) = claim(store).claims
        store.complete(echo, [(one, "1", seconds)], generation="0", batch_size=1, origin=Origin())
    assert store.count(echo).item_seconds == pytest.approx(1.2)
    assert store.demand("echo").item_seconds == pytest.approx(1.2)
