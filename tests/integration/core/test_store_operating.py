"""What operators ask: who works, what a run did; and their acts on many requests at once."""

from __future__ import annotations

from batchwell import Failure
from batchwell.drain import drain
from batchwell.records import Status
from batchwell.run_batches import MOST_BATCHES, MOST_NAMED
from batchwell.store import Origin, Store
from tests.integration.core.samples import claim, complete, echo, params, status, submit

RUN = Origin(dag_id="recompute_echo", run_id="manual__2026-11-24T15:10:05+00:00")
OTHER = Origin(dag_id="recompute_echo", run_id="manual__2")


def test_drain_of_a_run_records_its_batches_and_one_of_no_run_none(store: Store) -> None:
    first = submit(store, 1, 2)
    drain(store, echo, origin=RUN, linger_seconds=0)
    second = submit(store, 3)
    drain(store, echo, origin=RUN, linger_seconds=0)
    submit(store, 4)
    drain(store, echo, linger_seconds=0)
    batches = store.run_batches([echo], RUN)["echo"]
    assert batches[0].others == second, "the latest comes first"
    assert {one for batch in batches[1:] for one in batch.others} == set(first)
    assert sum(batch.size for batch in batches) == 3
    assert batches[0].tally == {"succeeded": 1}
    assert batches[0].ended_at >= batches[-1].ended_at > 1.7e9
    assert store.run_batches([echo], OTHER) == {}


def test_batch_names_those_that_erred_first_and_no_more_than_some(store: Store) -> None:
    tokens = [f"{number:016}" for number in range(100)]
    store.record_batch(
        echo,
        RUN,
        seconds=0.5,
        tally={"succeeded": 98, "failed": 2, "lost": 0},
        erring=tokens[:2],
        others=tokens[2:],
        size=100,
    )
    (batch,) = store.run_batches([echo], RUN)["echo"]
    assert batch.erring == [f"echo-{token}" for token in tokens[:2]]
    assert batch.others == [f"echo-{token}" for token in tokens[2 : 2 + MOST_NAMED]]
    assert batch.tally == {"succeeded": 98, "failed": 2}


def test_only_the_latest_batches_of_a_run_are_kept_and_for_a_day(store: Store) -> None:
    for size in range(MOST_BATCHES + 3):
        store.record_batch(echo, RUN, seconds=1, tally={}, erring=[], others=[], size=size)
    batches = store.run_batches([echo], RUN)["echo"]
    assert [batch.size for batch in batches] == list(range(MOST_BATCHES + 2, 2, -1))
    key = f"{store.namespace}:{{echo}}:run:{RUN.dag_id}/{RUN.run_id}"
    assert 86_390_000 < int(str(store.client.pttl(key))) <= 86_400_000


def test_crew_names_live_workers_and_counts_what_is_owed(store: Store) -> None:
    store.enlist(echo, "alive", worker_seconds=60)
    store.enlist(echo, "dead", worker_seconds=-1)
    (told,) = store.submit(echo, params(1), webhook="https://example.org/")
    store.cancel(echo, str(told.request))
    crew = store.crews([echo])["echo"]
    assert (crew.workers, crew.owed) == (["alive"], 1)


def test_what_waits_is_cancelled_and_what_runs_is_not(store: Store) -> None:
    running = submit(store, 1)
    batch = claim(store)
    again = submit(store, 2)
    store.fail(echo, [(each, Failure("no"), True) for each in claim(store).claims])
    waiting = submit(store, *range(3, 1003))
    assert store.cancel_waiting(echo, most=700) == 700
    assert store.cancel_waiting(echo, most=10_000) == 301
    assert {status(store, one) for one in (*again, *waiting)} == {Status.CANCELLED}
    assert status(store, running[0]) is Status.RUNNING
    assert complete(store, batch) == 1
    assert store.count(echo).pending == 0
    (new,) = submit(store, 3)
    assert status(store, new) is Status.PENDING, "the parameters can be asked for again"


def test_refresh_asks_for_what_is_stale_and_not_asked_for_yet(store: Store) -> None:
    submit(store, *range(6))
    complete(store, claim(store))
    assert store.refresh(echo, most=100) == 0, "all is fresh"
    store.invalidate(echo)
    (asked,) = submit(store, 5)
    assert store.refresh(echo, most=3) == 3
    assert store.refresh(echo, most=100) == 2
    assert store.refresh(echo, most=100) == 0
    assert store.count(echo).pending == 6
    assert status(store, asked) is Status.PENDING


def test_failures_are_replayed_up_to_so_many(store: Store) -> None:
    submit(store, *range(5))
    store.fail(echo, [(each, Failure("no"), False) for each in claim(store).claims])
    assert store.replay_failures(echo, most=2) == 2
    assert store.failures(echo).total == 3
    assert store.replay_failures(echo, most=100) == 3
    assert store.failures(echo).total == 0
    assert store.count(echo).pending == 5
