"""Submit: one atomic step decides whether a value, a request under way or a new one answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis

from batchwell import computation, keys
from batchwell.identifiers import split_request_id
from batchwell.records import Priority, Status, Submission
from batchwell.scripts import load_script
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


def outcome(store: Store, number: int, *, max_age_seconds: float | None = None) -> Submission:
    (submission,) = store.submit(echo, params(number), max_age_seconds=max_age_seconds)
    return submission


def test_first_submit_creates_a_pending_request(store: Store) -> None:
    created = outcome(store, 1)
    assert created.outcome == "created"
    assert created.result is None
    assert created.request is not None
    request = look(store, created.request)
    assert request.status is Status.PENDING
    assert request.params == '{"n":1}'
    assert request.attempt == 0
    assert request.position == 0
    assert request.started_at is None


def test_same_parameters_attach_to_the_pending_request(store: Store) -> None:
    created, attached = outcome(store, 1), outcome(store, 1)
    assert (attached.outcome, attached.request) == ("attached", created.request)
    assert store.count(echo).pending == 1


def test_same_parameters_attach_to_the_running_request(store: Store) -> None:
    created = outcome(store, 1)
    claim(store)
    attached = outcome(store, 1)
    assert (attached.outcome, attached.request) == ("attached", created.request)
    assert store.count(echo).pending == 0, "a running request is not queued a second time"


def test_same_parameters_attach_to_a_request_that_waits_for_its_retry(store: Store) -> None:
    created = outcome(store, 1)
    fail(store, claim(store))
    attached = outcome(store, 1)
    assert (attached.outcome, attached.request) == ("attached", created.request)
    assert look(store, str(created.request)).retry_at is not None, "and do not hurry it"


def test_fresh_result_answers_at_once(store: Store) -> None:
    compute(store, 1)
    fresh = outcome(store, 1)
    assert (fresh.outcome, fresh.request) == ("fresh", None)
    assert fresh.result is not None
    assert (fresh.result.value, fresh.result.state) == ("1", "fresh")
    assert store.count(echo).pending == 0


def test_stale_result_is_told_as_the_previous_one(store: Store, clock: Clock) -> None:
    compute(store, 1)
    clock.age_result(params(1)[0].digest, 2 * 3600)
    created = outcome(store, 1)
    assert created.outcome == "created"
    assert created.result is not None
    assert (created.result.value, created.result.state) == ("1", "stale")
    assert outcome(store, 1).result is not None, "who attaches is told it too"


def test_failed_request_is_no_longer_attached_to(store: Store) -> None:
    failed = outcome(store, 1)
    fail(store, claim(store), retry=False)
    again = outcome(store, 1)
    assert again.outcome == "created"
    assert again.request != failed.request


def test_max_age_accepts_a_result_that_is_young_enough(store: Store, clock: Clock) -> None:
    compute(store, 1)
    clock.age_result(params(1)[0].digest, 60)
    assert outcome(store, 1, max_age_seconds=120).outcome == "fresh"
    assert outcome(store, 1, max_age_seconds=30).outcome == "created"


def test_max_age_of_zero_forces_a_new_computing(store: Store) -> None:
    compute(store, 1)
    forced = outcome(store, 1, max_age_seconds=0)
    assert forced.outcome == "created"
    assert outcome(store, 1, max_age_seconds=0).outcome == "attached"
    assert outcome(store, 1).outcome == "fresh", "who does not force is served meanwhile"


def test_fresh_answer_names_the_request_that_will_replace_it(store: Store) -> None:
    compute(store, 1)
    forced = outcome(store, 1, max_age_seconds=0)
    fresh = outcome(store, 1)
    assert fresh.request == forced.request
    assert fresh.result is not None
    assert fresh.result.refreshed_by == forced.request


@computation(max_pending=3)
def narrow(n: int) -> int:
    return n


def outcomes(store: Store, *wanted: int) -> list[str]:
    submissions = store.submit(narrow, params(*wanted, computation=narrow))
    return [submission.outcome for submission in submissions]


def test_full_queue_refuses_and_records_nothing(store: Store) -> None:
    assert outcomes(store, 1, 2, 3, 4) == ["created", "created", "created", "full"]
    (refused,) = store.submit(narrow, params(4, computation=narrow))
    assert (refused.outcome, refused.request) == ("full", None)
    assert store.count(narrow).pending == 3


def test_full_queue_still_attaches_and_serves(store: Store) -> None:
    outcomes(store, 9)
    complete(store, claim(store, computation=narrow), computation=narrow)
    assert outcomes(store, 1, 2, 3) == ["created"] * 3
    assert outcomes(store, 1, 9, 4) == ["attached", "fresh", "full"]


def test_request_that_waits_for_its_retry_takes_room(store: Store) -> None:
    outcomes(store, 1, 2, 3)
    fail(store, claim(store, computation=narrow), computation=narrow)
    assert outcomes(store, 4) == ["full"]


def test_running_request_takes_no_room(store: Store) -> None:
    outcomes(store, 1, 2, 3)
    claim(store, computation=narrow)
    assert outcomes(store, 4) == ["created"]


def test_duplicates_within_one_call_share_a_request(store: Store) -> None:
    submissions = store.submit(echo, params(1, 2, 1, 1))
    assert [submission.outcome for submission in submissions] == [
        "created",
        "created",
        "attached",
        "attached",
    ]
    assert submissions[0].request == submissions[2].request == submissions[3].request
    assert store.count(echo).pending == 2


def test_ten_thousand_at_once_are_taken(store: Store) -> None:
    submissions = store.submit(echo, params(*range(10_000)))
    assert {submission.outcome for submission in submissions} == {"created"}
    assert len({submission.request for submission in submissions}) == 10_000


def test_urgent_priorities_are_claimed_first(store: Store) -> None:
    submit(store, 1, priority=Priority.BULK)
    submit(store, 2, priority=Priority.NORMAL)
    submit(store, 3, priority=Priority.INTERACTIVE)
    assert numbers(claim(store).claims) == [3, 2, 1]


def test_waiting_long_enough_outranks_urgency(store: Store, clock: Clock) -> None:
    (bulk,) = submit(store, 1, priority=Priority.BULK)
    (normal,) = submit(store, 2, priority=Priority.NORMAL)
    clock.age_waiting(bulk, Priority.BULK.offset_seconds + 1)
    clock.age_waiting(normal, Priority.NORMAL.offset_seconds - 1)
    submit(store, 3, priority=Priority.INTERACTIVE)
    assert numbers(claim(store).claims) == [1, 3, 2]


def test_more_urgent_caller_who_attaches_lifts_the_request(store: Store) -> None:
    submit(store, 1, 2, priority=Priority.BULK)
    submit(store, 3)
    submit(store, 2, priority=Priority.INTERACTIVE)
    assert numbers(claim(store).claims) == [2, 3, 1]


def test_less_urgent_caller_who_attaches_lowers_nothing(store: Store) -> None:
    submit(store, 1, priority=Priority.INTERACTIVE)
    submit(store, 2)
    submit(store, 1, priority=Priority.BULK)
    assert numbers(claim(store).claims) == [1, 2]


@pytest.mark.parametrize("touch", [True, False])
def test_touch_makes_a_fresh_result_the_latest(store: Store, touch: bool) -> None:
    compute(store, 1)
    compute(store, 2)
    store.submit(echo, params(1), touch=touch)
    latest = store.latest(echo)
    assert latest is not None
    assert latest.value == ("1" if touch else "2")


def resend(store: Store, redis: Redis, *, token: str, number: int, max_age_ms: int = -1) -> str:
    """Send the script's very call again, as the driver does when the reply was lost."""
    (parameters,) = params(number)
    call = (
        f'{{"items":[["{token}","{parameters.digest}","{{\\"n\\":{number}}}"]],'
        f'"max_age_ms":{max_age_ms},"offset_ms":60000,"expires_ms":-1,"retain_ms":1000,'
        '"version":"1","max_pending":10,"touch":false}'
    )
    root = keys.root(store.namespace, echo.name)
    ((outcome, told, _),) = redis.eval(load_script("submit").source, 1, root, call)
    assert told == token
    return str(outcome)


def test_repeating_a_submit_whose_reply_was_lost_creates_nothing_twice(
    store: Store, redis: Redis
) -> None:
    token = "a" * 16
    assert resend(store, redis, token=token, number=1) == "created"
    assert resend(store, redis, token=token, number=1) == "attached"
    assert store.count(echo).pending == 1


def test_repeating_a_forced_submit_after_its_end_does_not_compute_again(
    store: Store, redis: Redis
) -> None:
    token = "a" * 16
    assert resend(store, redis, token=token, number=1, max_age_ms=0) == "created"
    complete(store, claim(store))
    assert resend(store, redis, token=token, number=1, max_age_ms=0) == "attached"
    assert store.count(echo).pending == 0
    assert status(store, f"echo-{token}") is Status.SUCCEEDED


def test_request_whose_record_was_evicted_is_not_attached_to(store: Store, redis: Redis) -> None:
    (evicted,) = submit(store, 1)
    _, token = split_request_id(evicted)
    forget_request(store, "echo", token)
    assert store.inspect(echo, evicted) is None
    again = outcome(store, 1)
    assert again.outcome == "created"
    assert numbers(claim(store).claims) == [1]


@computation(fresh_for=timedelta(0))
def never_fresh(n: int) -> int:
    return n


def test_result_that_is_never_fresh_is_always_computed_anew(store: Store) -> None:
    for _ in range(2):
        submit(store, 1, computation=never_fresh)
        complete(store, claim(store, computation=never_fresh), computation=never_fresh)
    assert store.count(never_fresh).succeeded == 2


@computation(fresh_for=None)
def eternal(n: int) -> int:
    return n


def test_result_that_is_fresh_until_invalidated_has_no_end(store: Store) -> None:
    submit(store, 1, computation=eternal)
    complete(store, claim(store, computation=eternal), computation=eternal)
    (submission,) = store.submit(eternal, params(1, computation=eternal))
    assert submission.outcome == "fresh"
    assert submission.result is not None
    assert submission.result.fresh_until is None


def test_computations_do_not_see_each_other(store: Store) -> None:
    (request,) = submit(store, 1)
    assert store.inspect(narrow, request) is None
    assert claim(store, computation=narrow).claims == []
    assert store.count(narrow).pending == 0


@pytest.mark.parametrize("known", [False, True])
def test_submit_tells_all_of_its_request_as_inspect_does(store: Store, known: bool) -> None:
    if known:
        compute(store, 1)
    for _ in range(2):  # created, then attached to
        (submission,) = store.submit(echo, params(1), max_age_seconds=0, with_records=True)
        assert submission.record is not None
        inspected = look(store, submission.record.id)
        told = submission.record
        assert (told.id, told.position, told.queued) == (submission.request, 0, 1)
        assert replace(inspected, attention=told.attention, result=told.result) == told
        assert (told.result and told.result.value) == ("1" if known else None)
        assert told.attention.read_at <= inspected.attention.read_at


def test_submit_that_makes_no_request_tells_of_none(store: Store) -> None:
    compute(store, 1)
    (submission,) = store.submit(echo, params(1), with_records=True)
    assert (submission.outcome, submission.record) == ("fresh", None)
