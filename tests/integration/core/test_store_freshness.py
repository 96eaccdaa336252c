"""Freshness: generations, hot values, errors beside the last good value, one recompute for all."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from redis import Redis

from batchwell import Computation, computation, keys
from batchwell.connection import connect
from batchwell.drain import drain
from batchwell.records import Status
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    claim,
    complete,
    compute,
    echo,
    fail,
    numbers,
    params,
    status,
    submit,
)
from tests.servers import StoreServer
from tests.stored import result_field, set_result_field


@computation(hot_for=timedelta(hours=8), fresh_for=timedelta(hours=1))
def warm(n: int) -> int:
    return n


@computation()
def growing(n: int, *, previous: list[int] | None = None) -> list[int]:
    return [*(previous or []), n]


@pytest.fixture
def warm_clock(store: Store) -> Clock:
    return Clock(store, warm)


def compute_warm(store: Store, *numbers: int) -> None:
    submit(store, *numbers, computation=warm)
    complete(store, claim(store, computation=warm), computation=warm)


def listed(store: Store, which: Any, subject: Computation[Any, Any], ahead: float = 0) -> list[int]:
    chunks = store.known(subject, which, ahead_seconds=ahead)
    return sorted(int(one.json[5:-1]) for chunk in chunks for one in chunk)


def test_invalidating_makes_all_values_stale_and_keeps_them(store: Store) -> None:
    compute(store, 1, 2)
    assert store.invalidate(echo) == 1
    for parameters in params(1, 2):
        result = store.read(echo, parameters)
        assert result is not None
        assert (result.state, result.generation) == ("stale", 0)
    compute(store, 1)
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert (result.state, result.generation) == ("fresh", 1)


def test_whoever_asks_while_an_older_generation_is_computed_gets_the_newer_one(
    store: Store,
) -> None:
    (first,) = submit(store, 1)
    batch = claim(store)
    store.invalidate(echo)
    assert submit(store, 1) == [first], "one computing of a value at a time"
    complete(store, batch)
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.state == "stale"
    assert result.refreshed_by is not None, "a follow-up is on its way"
    assert numbers(claim(store).claims) == [1]


def test_an_attempt_of_the_newest_generation_needs_no_follow_up(store: Store, clock: Clock) -> None:
    submit(store, 1)
    batch = claim(store)
    store.invalidate(echo)
    submit(store, 1)
    fail(store, batch)
    clock.ripen_retries()
    complete(store, claim(store))
    assert store.count(echo).pending == 0


def test_error_of_lost_workers_is_told_and_followed_up_too(store: Store, clock: Clock) -> None:
    compute(store, 1)
    submit(store, 1, max_age_seconds=0)
    for _ in range(3):
        claim(store)
        store.invalidate(echo)
        submit(store, 1)
        clock.lapse_leases()
        store.reap(echo)
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.last_error is not None
    assert result.last_error.type == "WorkerLost"
    assert store.count(echo).pending == 1


def test_there_is_no_follow_up_when_nobody_asked_since(store: Store) -> None:
    submit(store, 1)
    batch = claim(store)
    store.invalidate(echo)
    complete(store, batch)
    assert store.count(echo).pending == 0


def test_a_follow_up_comes_after_a_failure_too(store: Store) -> None:
    submit(store, 1)
    batch = claim(store)
    store.invalidate(echo)
    submit(store, 1)
    fail(store, batch, retry=False)
    assert store.count(echo).pending == 1


def test_error_of_a_failed_recompute_is_told_beside_the_last_good_value(store: Store) -> None:
    compute(store, 1)
    submit(store, 1, max_age_seconds=0)
    fail(store, claim(store), retry=False)
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert (result.value, result.state) == ("1", "fresh")
    assert result.last_error is not None
    assert (result.last_error.type, result.last_error.message) == ("Broken", "it broke")
    submit(store, 1, max_age_seconds=0)
    complete(store, claim(store))
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.last_error is None


def test_values_of_one_batch_do_not_go_stale_together(store: Store) -> None:
    compute(store, *range(100))
    ends = {
        result_field(store, "echo", parameters.digest, "fresh_until")
        for parameters in params(*range(100))
    }
    spread_seconds = (max(ends) - min(ends)) / 1000
    assert 200 < spread_seconds <= 360, "up to a tenth of the hour"


def test_a_thousand_readers_of_a_stale_value_cause_one_recompute(
    store: Store, server: StoreServer, clock: Clock
) -> None:
    compute(store, 1)
    clock.age_result(params(1)[0].digest, 7200)
    gate = Barrier(10)

    def read_a_hundred_times() -> None:
        with connect(server.url) as client:
            own = Store(client, namespace=store.namespace)
            gate.wait()
            for _ in range(100):
                result = own.read(echo, params(1)[0])
                assert result is not None
                if result.state == "stale" and result.refreshed_by is None:
                    own.submit(echo, params(1))

    readers = [Thread(target=read_a_hundred_times) for _ in range(10)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert store.count(echo).pending == 1
    assert len(claim(store).claims) == 1


def test_a_value_that_is_read_is_hot_and_due_before_it_goes_stale(store: Store) -> None:
    compute_warm(store, 1, 2)
    store.read(warm, params(1, computation=warm)[0])
    assert listed(store, "due", warm, ahead=7200) == [1]
    assert listed(store, "hot", warm, ahead=7200) == [1]
    assert listed(store, "due", warm, ahead=60) == []
    assert listed(store, "stale", warm) == []
    assert listed(store, "all", warm) == [1, 2]


def test_a_value_that_nobody_read_for_long_is_not_hot(store: Store, redis: Redis) -> None:
    compute_warm(store, 1)
    store.read(warm, params(1, computation=warm)[0])
    redis.zincrby(
        f"{keys.root(store.namespace, 'warm')}:hot",
        -9 * 3600 * 1000,
        params(1, computation=warm)[0].digest,
    )
    assert listed(store, "due", warm, ahead=7200) == []


def test_reads_are_noted_seldom(store: Store, redis: Redis) -> None:
    compute_warm(store, 1)
    (parameters,) = params(1, computation=warm)
    hot = f"{keys.root(store.namespace, 'warm')}:hot"
    store.read(warm, parameters)
    first = redis.zscore(hot, parameters.digest)
    for _ in range(5):
        store.read(warm, parameters)
    assert redis.zscore(hot, parameters.digest) == first
    redis.zincrby(hot, -2 * 3600 * 1000, parameters.digest)
    store.read(warm, parameters)
    assert redis.zscore(hot, parameters.digest) == pytest.approx(first, abs=5000)


def test_reads_of_a_computation_without_hot_for_are_not_noted(store: Store, redis: Redis) -> None:
    compute(store, 1)
    store.read(echo, params(1)[0])
    assert not redis.exists(f"{keys.root(store.namespace, 'echo')}:hot")


def early_readers(store: Store, warm_clock: Clock, left_seconds: float) -> int:
    """Count how many of 400 readers are asked to refresh a value so near its end."""
    (parameters,) = params(1, computation=warm)
    warm_clock.age_result(parameters.digest, 3600 - left_seconds)
    results = [store.read(warm, parameters) for _ in range(400)]
    return sum(result is not None and result.refresh_early for result in results)


def test_early_recomputes_are_likelier_the_nearer_the_end_and_the_dearer_the_value(
    store: Store, warm_clock: Clock
) -> None:
    compute_warm(store, 1)
    (parameters,) = params(1, computation=warm)
    set_result_field(store, "warm", parameters.digest, "duration_seconds", 60)
    assert early_readers(store, warm_clock, 3000) == 0
    # early_readers ages the value from here again
    later = result_field(store, "warm", parameters.digest, "fresh_until") + 600 * 1000
    set_result_field(store, "warm", parameters.digest, "fresh_until", later)
    near = early_readers(store, warm_clock, 60)
    assert 60 < near < 300  # about exp(-1) of them


def test_nobody_is_asked_to_refresh_early_while_a_recompute_is_under_way(
    store: Store, warm_clock: Clock
) -> None:
    compute_warm(store, 1)
    (parameters,) = params(1, computation=warm)
    set_result_field(store, "warm", parameters.digest, "duration_seconds", 100_000)
    submit(store, 1, computation=warm, max_age_seconds=0)
    assert early_readers(store, warm_clock, 1) == 0


@pytest.fixture
def grown(store: Store) -> list[str]:
    values = []
    for _ in range(3):
        store.submit(growing, params(7, computation=growing), max_age_seconds=0)
        drain(store, growing, linger_seconds=0)
        result = store.read(growing, params(7, computation=growing)[0])
        assert result is not None
        values.append(result.value)
    return values


def test_a_computation_may_update_its_previous_value(grown: list[str]) -> None:
    assert grown == ["[7]", "[7,7]", "[7,7,7]"]


def test_an_upstream_change_begins_one_generation(store: Store) -> None:
    expected = ["left", "right"]
    assert store.arrive(echo, "c1", by="left", expected=expected, run="r1") == "waiting"
    assert store.arrive(echo, "c1", by="left", expected=expected, run="r1") == "known"
    assert store.count(echo).generation == 0
    assert store.arrive(echo, "c1", by="right", expected=expected, run="r2") == "complete"
    assert store.arrive(echo, "c1", by="right", expected=expected, run="r2") == "complete"
    assert store.arrive(echo, "c1", by="right", expected=expected, run="r3") == "known"
    assert store.count(echo).generation == 1
    assert store.arrive(echo, "c2", by="left", expected=["left"], run="r4") == "complete"
    assert store.count(echo).generation == 2


def test_pending_request_is_simply_computed_in_the_newer_generation(store: Store) -> None:
    (request,) = submit(store, 1)
    store.invalidate(echo)
    assert submit(store, 1) == [request]
    complete(store, claim(store))
    assert status(store, request) is Status.SUCCEEDED
    assert store.count(echo).pending == 0
