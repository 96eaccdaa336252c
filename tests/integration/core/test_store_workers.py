"""Workers and signals: who is alive, whom a new request wakes, what the trigger is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.client import PubSub

from batchwell import keys
from batchwell.store import Store
from batchwell.work_records import News
from tests.integration.core.clock import Clock
from tests.integration.core.samples import claim, complete, compute, echo, fail, params, submit


@pytest.fixture
def channel(store: Store, redis: Redis) -> Iterator[PubSub]:
    """What the trigger hears."""
    with redis.pubsub() as listener:
        listener.subscribe(keys.waiting_channel(store.namespace))
        assert listener.get_message(timeout=5)["type"] == "subscribe"
        yield listener


def heard(channel: PubSub) -> list[str]:
    told = []
    while message := channel.get_message(timeout=0.05):
        told.append(message["data"])
    return told


def test_new_request_rings_the_trigger_when_nobody_drains(store: Store, channel: PubSub) -> None:
    submit(store, 1)
    assert heard(channel) == ["echo"]


def test_burst_rings_the_trigger_once(store: Store, channel: PubSub) -> None:
    for number in range(20):
        submit(store, number)
    assert len(heard(channel)) <= 2


def test_live_worker_is_woken_instead_of_the_trigger(store: Store, channel: PubSub) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    submit(store, 1)
    assert heard(channel) == []
    assert store.wait(echo, 1) is True


def test_dead_worker_does_not_keep_the_trigger_asleep(
    store: Store, clock: Clock, channel: PubSub
) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    clock.lapse_workers()
    submit(store, 1)
    assert heard(channel) == ["echo"]


def test_attaching_rings_nobody(store: Store, channel: PubSub) -> None:
    submit(store, 1)
    heard(channel)
    time.sleep(0.25)
    submit(store, 1)
    assert heard(channel) == []


@pytest.mark.parametrize(("requests", "rings"), [(1, 1), (2, 2), (10, 3)])
def test_no_more_workers_are_woken_than_there_are_requests_or_workers(
    store: Store, requests: int, rings: int
) -> None:
    for worker in ("one", "two", "three"):
        store.enlist(echo, worker, worker_seconds=15)
    store.submit(echo, params(*range(requests)))
    assert [store.wait(echo, 0.02) for _ in range(rings)] == [True] * rings
    assert store.wait(echo, 0.02) is False


def test_doorbell_wakes_a_waiting_worker(store: Store, second_store: Store) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    woken_at: list[float] = []

    def wait() -> None:
        if second_store.wait(echo, 5):
            woken_at.append(time.monotonic())

    waiter = threading.Thread(target=wait)
    waiter.start()
    time.sleep(0.2)
    submitted_at = time.monotonic()
    submit(store, 1)
    waiter.join()
    assert woken_at[0] - submitted_at < 1


def test_bell_of_work_that_is_gone_is_taken_down(store: Store) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    submit(store, 1)
    assert len(claim(store).claims) == 1
    assert claim(store).claims == []
    assert store.wait(echo, 0.02) is False


def test_waiting_ends_when_its_time_is_over(store: Store) -> None:
    started = time.monotonic()
    assert store.wait(echo, 0.1) is False
    assert 0.05 < time.monotonic() - started < 1


def test_released_requests_ring(store: Store, channel: PubSub) -> None:
    submit(store, 1)
    batch = claim(store)
    heard(channel)
    time.sleep(0.25)
    store.release(echo, batch.claims)
    assert heard(channel) == ["echo"]


def test_reaped_requests_ring(store: Store, clock: Clock, channel: PubSub) -> None:
    submit(store, 1)
    claim(store)
    heard(channel)
    time.sleep(0.25)
    clock.lapse_leases()
    store.reap(echo)
    assert heard(channel) == ["echo"]


def test_idle_worker_signs_off(store: Store) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    assert store.retire(echo, "worker", when="if_idle") is True
    assert store.count(echo).workers == 0


def test_worker_is_told_to_stay_when_a_request_has_come(store: Store) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    submit(store, 1)
    assert store.retire(echo, "worker", when="if_idle") is False
    assert store.count(echo).workers == 1


def test_worker_is_told_to_stay_when_a_retry_is_due(store: Store, clock: Clock) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    submit(store, 1)
    fail(store, claim(store))
    assert store.retire(echo, "worker", when="if_idle") is True
    store.enlist(echo, "worker", worker_seconds=15)
    clock.ripen_retries()
    assert store.retire(echo, "worker", when="if_idle") is False


def test_worker_that_must_go_leaves_what_waits_to_the_trigger(
    store: Store, channel: PubSub
) -> None:
    store.enlist(echo, "worker", worker_seconds=15)
    submit(store, 1)
    assert store.retire(echo, "worker", when="now") is True
    assert heard(channel) == ["echo"]


def test_worker_that_must_go_leaves_what_waits_to_its_companion(store: Store) -> None:
    for worker in ("one", "two"):
        store.enlist(echo, worker, worker_seconds=15)
    submit(store, 1)
    store.wait(echo, 1)
    store.retire(echo, "one", when="now")
    assert store.wait(echo, 1) is True


def test_dead_workers_are_forgotten(store: Store, clock: Clock) -> None:
    store.enlist(echo, "dead", worker_seconds=15)
    clock.lapse_workers()
    store.enlist(echo, "alive", worker_seconds=15)
    known = store.client.zrange(f"{keys.root(store.namespace, 'echo')}:workers", 0, -1)
    assert known == [b"alive"]


def test_drains_are_counted_once_each(store: Store) -> None:
    for _ in range(3):
        store.enlist(echo, "one", worker_seconds=15)
    store.enlist(echo, "two", worker_seconds=15)
    assert store.demand("echo").drains == 2
    assert store.demand("echo").workers == 2


def test_demand_of_a_computation_never_asked_for_is_nothing(store: Store) -> None:
    demand = store.demand("echo")
    assert (demand.waiting, demand.workers, demand.drains) == (0, 0, 0)


def test_demand_counts_what_a_run_could_change(store: Store, clock: Clock) -> None:
    submit(store, 1, 2, 3)
    assert store.demand("echo").waiting == 3
    batch = claim(store, count=2)
    assert store.demand("echo").waiting == 1
    clock.lapse_leases()
    assert store.demand("echo").waiting == 3, "leases that passed are waiting to be reaped"
    complete(store, batch)
    assert store.demand("echo").waiting == 1
    fail(store, claim(store))
    assert store.demand("echo").waiting == 0, "a retry that is not due is nothing to wake for"
    clock.ripen_retries()
    assert store.demand("echo").waiting == 1


def test_news_are_told_once(store: Store) -> None:
    compute(store, 1, 2)
    assert store.tell(echo, "a/", worker="w", passing=False, again=False) == News(
        results=2, mark=2, is_first=True
    )
    assert store.tell(echo, "a/", worker="v", passing=False, again=False) is None
    assert store.tell(echo, "b/", worker="w", passing=False, again=False) is None
    compute(store, 3)
    assert store.tell(echo, "a/", worker="w", passing=False, again=False) == News(
        results=1, mark=3, is_first=False
    )


def test_news_wait_for_the_last_live_worker_of_the_run(store: Store, clock: Clock) -> None:
    compute(store, 1)
    store.enlist(echo, "a/helper", worker_seconds=15)
    assert store.tell(echo, "a/", worker="w", passing=True, again=False) is None
    clock.lapse_workers()
    assert store.tell(echo, "a/", worker="w", passing=True, again=False)


def test_asking_again_for_news_whose_reply_was_lost_tells_the_same(store: Store) -> None:
    compute(store, 1)
    news = store.tell(echo, "a/", worker="w", passing=False, again=False)
    assert news is not None
    assert store.tell(echo, "a/", worker="w", passing=False, again=False) == news


def test_a_try_after_one_that_died_is_told_the_same_news(store: Store) -> None:
    compute(store, 1)
    news = store.tell(echo, "a/", worker="w", passing=False, again=False)
    assert store.tell(echo, "a/", worker="w", passing=False, again=True) == news
    assert store.tell(echo, "b/", worker="w", passing=False, again=True) is None


def test_upstream_changes_are_passed_on_without_results_once_a_run(store: Store) -> None:
    news = store.tell(echo, "a/", worker="w", passing=True, again=False)
    assert news == News(results=0, mark=0, is_first=True)
    assert store.tell(echo, "a/", worker="v", passing=True, again=False) is None
    assert store.tell(echo, "b/", worker="w", passing=True, again=False) == news
