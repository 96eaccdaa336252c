"""Results: read, latest, stale; what makes them stale."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from batchwell import Computation, computation, keys
from batchwell.errors import UnknownRequest
from batchwell.identifiers import new_token, request_id
from batchwell.policy import Policy
from batchwell.store import Store
from batchwell.work_records import Batch
from tests.integration.core.clock import Clock
from tests.integration.core.samples import (
    claim,
    complete,
    compute,
    echo,
    params,
    submit,
)
from tests.stored import forget_request

HOUR_SECONDS = 3600


def state(store: Store, number: int) -> str | None:
    result = store.read(echo, params(number)[0])
    return None if result is None else result.state


def bump(store: Store) -> None:
    """Begin a new generation."""
    store.client.incr(f"{keys.root(store.namespace, 'echo')}:generation")


def stale_numbers(store: Store, *, chunk: int = 500) -> list[int]:
    return sorted(
        int(one.json.removeprefix('{"n":').removesuffix("}"))
        for part in store.known(echo, "stale", chunk=chunk)
        for one in part
    )


def test_unknown_is_told_apart_from_empty(store: Store) -> None:
    assert store.read(echo, params(1)[0]) is None
    assert store.latest(echo) is None
    assert store.inspect(echo, request_id("echo", new_token())) is None
    assert store.inspect(echo, request_id("other", new_token())) is None
    with pytest.raises(UnknownRequest):
        store.inspect(echo, "nonsense")


def test_value_is_fresh_then_stale(store: Store, clock: Clock) -> None:
    compute(store, 1)
    assert state(store, 1) == "fresh"
    clock.age_result(params(1)[0].digest, HOUR_SECONDS - 5)
    assert state(store, 1) == "fresh"
    clock.age_result(params(1)[0].digest, 10)
    assert state(store, 1) == "stale"


def test_reading_starts_no_computing(store: Store) -> None:
    store.read(echo, params(1)[0])
    assert store.count(echo).pending == 0


def test_age_is_measured_by_the_server(store: Store, clock: Clock) -> None:
    compute(store, 1)
    clock.age_result(params(1)[0].digest, 60)
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.age_seconds == pytest.approx(60, abs=2)


def test_latest_is_what_was_computed_last(store: Store) -> None:
    for number in (3, 1, 2):
        compute(store, number)
        latest = store.latest(echo)
        assert latest is not None
        assert latest.value == str(number)


def test_latest_whose_value_has_expired_is_none(store: Store, redis: Redis) -> None:
    compute(store, 1)
    redis.delete(f"{keys.root(store.namespace, 'echo')}:result:{params(1)[0].digest}")
    assert store.latest(echo) is None


def test_new_generation_makes_every_older_value_stale(store: Store) -> None:
    compute(store, 1, 2)
    bump(store)
    assert (state(store, 1), state(store, 2)) == ("stale", "stale")
    compute(store, 1)
    assert (state(store, 1), state(store, 2)) == ("fresh", "stale")
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.generation == 1
    assert store.count(echo).generation == 1


def test_value_claimed_before_a_new_generation_is_born_stale(store: Store) -> None:
    submit(store, 1)
    batch = claim(store)
    bump(store)
    complete(store, batch)
    assert state(store, 1) == "stale"


def newer_echo() -> Computation[Any, Any]:
    @computation(version="2")
    def echo(n: int) -> int:
        return n

    return echo


def test_value_of_another_version_is_stale(store: Store) -> None:
    compute(store, 1)
    newer_code = newer_echo()
    (parameters,) = params(1)
    newer = store.read(newer_code, parameters)
    assert newer is not None
    assert (newer.state, newer.version) == ("stale", "1")
    (submission,) = store.submit(newer_code, [parameters])
    assert submission.outcome == "created"
    batch = claim(store, computation=newer_code)
    complete(store, batch, computation=newer_code)
    assert state(store, 1) == "stale", "so it is for code that still runs the old one"
    newer = store.read(newer_code, parameters)
    assert newer is not None
    assert newer.state == "fresh"


def test_stale_lists_what_is_known_and_not_fresh(store: Store, clock: Clock) -> None:
    assert stale_numbers(store) == []
    compute(store, 1, 2, 3)
    assert stale_numbers(store) == []
    clock.age_result(params(2)[0].digest, 2 * HOUR_SECONDS)
    assert stale_numbers(store) == [2]
    bump(store)
    assert stale_numbers(store) == [1, 2, 3]


def test_stale_forgets_what_has_expired(store: Store, redis: Redis) -> None:
    compute(store, 1, 2)
    redis.delete(f"{keys.root(store.namespace, 'echo')}:result:{params(1)[0].digest}")
    bump(store)
    assert store.count(echo).results == 2
    assert stale_numbers(store) == [2]
    assert store.count(echo).results == 1


def test_stale_leaves_out_what_no_longer_fits_the_signature(store: Store) -> None:
    compute(store, 1)

    @computation()
    def echo(m: int) -> int:
        return m

    bump(store)
    assert list(store.known(echo, "stale")) == []


def test_stale_lists_thousands_chunk_by_chunk(store: Store) -> None:
    compute_many(store, 2500)
    bump(store)
    assert stale_numbers(store, chunk=100) == list(range(2500))


def test_stale_misses_nothing_that_stays_stale_while_others_are_recomputed(store: Store) -> None:
    compute_many(store, 1000)
    bump(store)
    listed: set[str] = set()
    for part in store.known(echo, "stale", chunk=100):
        listed |= {one.json for one in part}
        store.submit(echo, part)
        complete(store, claim(store, count=1000))
    assert len(listed) == 1000
    assert stale_numbers(store) == []


def compute_many(store: Store, count: int) -> None:
    submit(store, *range(count))
    assert complete(store, claim(store, count=count)) == count


def test_expired_results_are_forgotten_by_the_next_complete(store: Store, clock: Clock) -> None:
    compute(store, 1, 2)
    clock.age_result(params(1)[0].digest, int(Policy().keep_for.total_seconds()) + 1)
    compute(store, 3)
    assert store.count(echo).results == 2


def test_result_names_the_request_that_will_replace_it(store: Store) -> None:
    compute(store, 1)
    (request,) = submit(store, 1, max_age_seconds=0)
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.refreshed_by == request
    complete(store, claim(store))
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.refreshed_by is None


def test_count_tells_how_much_of_everything_there_is(store: Store) -> None:
    submit(store, *range(6))
    batch = claim(store, count=4)
    complete(store, Batch(generation="0", claims=batch.claims[:2]))
    store.enlist(echo, "worker", worker_seconds=15)
    counts = store.count(echo)
    assert (counts.pending, counts.running, counts.results) == (2, 2, 2)
    assert (counts.succeeded, counts.failed, counts.workers) == (2, 0, 1)


def test_a_request_that_was_evicted_refreshes_nothing(store: Store, redis: Redis) -> None:
    compute(store, 1)
    (lost,) = submit(store, 1, max_age_seconds=0)
    forget_request(store, "echo", lost.rpartition("-")[2])
    result = store.read(echo, params(1)[0])
    assert result is not None
    assert result.refreshed_by is None, "else nobody would ever ask for it again"
