"""Webhooks and whatever dies, on real processes: worker, receiver, store."""

from __future__ import annotations

import os
import time
from collections import Counter
from pathlib import Path

from batchwell.records import Status
from batchwell.store import AnyComputation, Store
from tests.integration.core.clock import Clock
from tests.integration.core.conftest import StartWorker
from tests.integration.core.samples import params, status
from tests.integration.core.workloads import double, nap
from tests.receiver import Receiver, wait_until
from tests.servers import StoreServer


def submit_with(
    store: Store, url: str, *numbers: int, computation: AnyComputation = double
) -> list[str]:
    submissions = store.submit(computation, params(*numbers, computation=computation), webhook=url)
    return [submission.request or "" for submission in submissions]


def statuses(store: Store, computation: AnyComputation = double) -> Counter[str]:
    """Count all deliveries by status."""
    found: Counter[str] = Counter()
    place = ""
    while True:
        page, place = store.deliveries(computation, after=place, count=1000)
        found.update(delivery.status for delivery in page)
        if not place:
            return found


def test_1000_requests_are_all_told(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    requests = submit_with(store, receiver.url(), *range(1000))
    workers = [start_worker(double, linger_seconds=1) for _ in range(2)]
    messages = receiver.wait_for(1000)
    done = [worker.wait() for worker in workers]
    assert sum(one.delivered for one in done) == 1000
    assert statuses(store) == {"delivered": 1000}
    assert len(messages) == 1000
    assert {message.verified()["data"]["id"] for message in messages} == set(requests)


def test_drain_that_does_not_linger_delivers_what_is_due(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    submit_with(store, receiver.url("/slow/0.5"), *range(50))
    assert start_worker(double).wait().delivered == 50
    assert len(receiver.messages()) == 50


def test_receiver_that_was_down_is_told_once_it_is_up(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    receiver.kill()
    submit_with(store, receiver.url(), 1)
    worker = start_worker(double, linger_seconds=0.5)
    assert worker.wait().delivered == 0, "what is due later is not waited for"
    assert statuses(store) == {"owed": 1}
    assert store.demand("double").deliveries == 0
    receiver.start()
    Clock(store, double).lapse_deliveries()
    assert store.demand("double").deliveries == 1
    assert start_worker(double).wait().delivered == 1
    (delivery,) = store.deliveries(double)[0]
    assert (delivery.status, delivery.attempts) == ("delivered", 2)


def test_worker_stays_for_a_retry_that_is_due_within_its_linger(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    receiver.kill()
    submit_with(store, receiver.url(), 1)
    worker = start_worker(double, linger_seconds=8)
    wait_until(lambda: [one for one in store.deliveries(double)[0] if one.attempted_at])
    receiver.start()
    assert worker.wait().delivered == 1
    assert statuses(store) == {"delivered": 1}


def test_slow_receiver_does_not_hold_up_computing(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    submit_with(store, receiver.url("/slow/6"), *range(40))
    worker = start_worker(double, linger_seconds=5)
    receiver.wait_for(30)
    later = [
        submission.request or ""
        for submission in store.submit(double, params(900, computation=double))
    ]
    wait_until(lambda: status(store, later[0], double) is Status.SUCCEEDED)
    assert statuses(store) == {"owed": 40}, "all places are taken by the slow receiver"
    worker.terminate()
    assert worker.wait().delivered == 32, "what is under way is finished, the rest left"


def test_message_comes_due_while_a_long_item_is_computed(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    store.submit(nap, params(6000, computation=nap))
    worker = start_worker(nap, brisk=True)
    wait_until(lambda: store.count(nap).running == 1)
    (request,) = submit_with(store, receiver.url(), 1, computation=nap)
    store.cancel(nap, request)
    (message,) = receiver.wait_for(1)
    assert message.verified()["type"] == "request.cancelled"
    assert store.count(nap).running == 1
    worker.kill()


def test_killed_worker_between_sending_and_recording_sends_again_under_the_same_id(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    submit_with(store, receiver.url("/slow/1"), 1)
    worker = start_worker(double, linger_seconds=5)
    receiver.wait_for(1)
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    worker.kill()
    wait_until(lambda: not any(os.path.exists(f"/proc/{child}/fd") for child in children))
    assert statuses(store) == {"owed": 1}
    Clock(store, double).lapse_deliveries()
    assert start_worker(double).wait().delivered == 1
    first, second = receiver.messages()
    assert first.id == second.id
    assert first.verified()["data"]["id"] == second.verified()["data"]["id"]
    (delivery,) = store.deliveries(double)[0]
    assert (delivery.status, delivery.attempts) == ("delivered", 2)


def test_killed_delivery_process_is_replaced_and_computing_goes_on(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    submit_with(store, receiver.url("/slow/1"), 1)
    worker = start_worker(double, linger_seconds=20)
    receiver.wait_for(1)
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    deliver = max(map(int, children))
    os.kill(deliver, 9)
    Clock(store, double).lapse_deliveries()
    (request,) = submit_with(store, receiver.url(), 2)
    wait_until(lambda: status(store, request, double) is Status.SUCCEEDED)
    worker.terminate()
    worker.wait()
    assert start_worker(double).wait().delivered == 2, "a worker that comes later has them made"


def test_stopped_worker_finishes_what_it_sends(
    store: Store, receiver: Receiver, start_worker: StartWorker
) -> None:
    submit_with(store, receiver.url("/slow/1"), 1)
    worker = start_worker(double, linger_seconds=30)
    receiver.wait_for(1)
    worker.terminate()
    assert worker.wait().delivered == 1
    assert statuses(store) == {"delivered": 1}


def test_store_that_is_away_meanwhile_makes_no_message_come_twice(
    own_store: Store, own_server: StoreServer, receiver: Receiver, start_worker: StartWorker
) -> None:
    submit_with(own_store, receiver.url("/slow/1"), 1)
    worker = start_worker(double, linger_seconds=3, url=own_server.url)
    receiver.wait_for(1)
    own_server.stop()
    time.sleep(1.5)  # the receiver answers while there is nobody to be told of it
    own_server.start()
    assert worker.wait().delivered == 1
    assert statuses(own_store) == {"delivered": 1}
    assert len(receiver.messages()) == 1
