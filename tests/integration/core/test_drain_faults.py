"""Whatever dies, every request comes to its end, with the right value."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

from batchwell import Computation
from batchwell.records import Status
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.conftest import StartWorker
from tests.integration.core.samples import claim, complete, look, params, status, submit
from tests.integration.core.workloads import double, slow, very_slow
from tests.servers import StoreServer


def calls(trace: Path) -> Counter[str]:
    return Counter(trace.read_text().split())


def wait_for_calls(trace: Path, count: int) -> None:
    deadline = time.monotonic() + 20
    while calls(trace).total() < count:
        assert time.monotonic() < deadline, trace.read_text()
        time.sleep(0.01)


def assert_all_right(store: Store, computation: Computation[Any, Any], requests: list[str]) -> None:
    for number, request in enumerate(requests):
        found = look(store, request, computation)
        assert found.status is Status.SUCCEEDED, found
        result = store.read(computation, params(number, computation=computation)[0])
        assert result is not None
        assert result.value == str(2 * number)


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def is_alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_two_workers_share_the_work_and_compute_each_request_once(
    store: Store, start_worker: StartWorker, trace: Path
) -> None:
    requests = submit(store, *range(16), computation=slow)
    workers = [start_worker(slow, linger_seconds=0.5) for _ in range(2)]
    summaries = [worker.wait() for worker in workers]
    assert_all_right(store, slow, requests)
    assert set(calls(trace).values()) == {1}
    assert sum(summary.succeeded for summary in summaries) == 16
    assert min(summary.succeeded for summary in summaries) >= 4


def test_compute_process_of_a_killed_worker_dies_with_it(
    store: Store, start_worker: StartWorker, trace: Path
) -> None:
    submit(store, 1, computation=very_slow)
    worker = start_worker(very_slow)
    wait_for_calls(trace, 1)
    (child,) = children(worker.pid)
    worker.kill()
    deadline = time.monotonic() + 1
    while is_alive(child):
        assert time.monotonic() < deadline, "it should not compute on for two seconds"
        time.sleep(0.01)


def test_what_a_killed_worker_held_is_finished_by_another(
    store: Store, start_worker: StartWorker, trace: Path
) -> None:
    requests = submit(store, *range(6), computation=slow)
    worker = start_worker(slow)
    wait_for_calls(trace, 2)
    worker.kill()
    assert Status.RUNNING in {status(store, request, slow) for request in requests}
    clock = Clock(store, slow)
    clock.lapse_leases()
    clock.lapse_workers()
    start_worker(slow).wait()
    assert_all_right(store, slow, requests)
    assert calls(trace).total() <= 6 + 1, "only the item under way was computed twice"


def test_killed_compute_process_costs_no_other_item(
    store: Store, start_worker: StartWorker, trace: Path
) -> None:
    requests = submit(store, *range(6), computation=slow)
    worker = start_worker(slow, linger_seconds=0.5)
    wait_for_calls(trace, 2)
    os.kill(children(worker.pid)[0], 9)
    wait_for_calls(trace, 7)
    worker.wait()
    assert_all_right(store, slow, requests)


def test_heartbeat_keeps_the_lease_of_an_item_that_runs_longer(
    store: Store, start_worker: StartWorker, trace: Path
) -> None:
    """The lease is one second here and the item takes two."""
    (request,) = submit(store, 1, computation=very_slow)
    worker = start_worker(very_slow, brisk=True)
    wait_for_calls(trace, 1)
    while not status(store, request, very_slow).is_terminal:
        assert store.reap(very_slow) == (0, 0)
        time.sleep(0.05)
    assert worker.wait().succeeded == 1
    assert look(store, request, very_slow).attempt == 1
    assert calls(trace) == {"1": 1}


def test_worker_that_lost_its_leases_stops_computing_and_goes_on(
    store: Store, start_worker: StartWorker, trace: Path
) -> None:
    """As one that was suspended for longer than its lease, while another took over."""
    (taken,) = submit(store, 0, computation=very_slow)
    worker = start_worker(very_slow, brisk=True, linger_seconds=1)
    wait_for_calls(trace, 1)
    Clock(store, very_slow).lapse_leases()
    store.reap(very_slow)
    rival = claim(store, "rival", computation=very_slow)
    assert len(rival.claims) == 1
    (other,) = submit(store, 1, computation=very_slow)
    assert worker.wait().succeeded == 1
    assert status(store, other, very_slow) is Status.SUCCEEDED
    assert status(store, taken, very_slow) is Status.RUNNING
    assert complete(store, rival, "0", computation=very_slow) == 1
    assert_all_right(store, very_slow, [taken, other])


def test_drain_rides_out_a_store_that_is_killed(
    own_server: StoreServer,
    own_store: Store,
    start_worker: StartWorker,
    trace: Path,
) -> None:
    own_store.client.config_set("appendfsync", "always")
    requests = submit(own_store, *range(6), computation=slow)
    worker = start_worker(slow, linger_seconds=0.5, url=own_server.url)
    wait_for_calls(trace, 3)
    own_server.kill()
    time.sleep(0.5)
    own_server.start()
    worker.wait()
    assert_all_right(own_store, slow, requests)
    assert calls(trace).total() == 6, "nothing computed is thrown away"


def test_drain_starts_before_its_store(
    own_server: StoreServer, own_store: Store, start_worker: StartWorker
) -> None:
    requests = submit(own_store, *range(10), computation=double)
    own_server.stop()
    worker = start_worker(double, url=own_server.url)
    time.sleep(1)
    own_server.start()
    assert worker.wait().succeeded == 10
    assert_all_right(own_store, double, requests)


def test_stop_is_heard_while_the_store_is_away(
    own_server: StoreServer, own_store: Store, start_worker: StartWorker, trace: Path
) -> None:
    submit(own_store, *range(6), computation=slow)
    worker = start_worker(slow, url=own_server.url)
    wait_for_calls(trace, 1)
    own_server.kill()
    time.sleep(0.5)
    worker.terminate()
    started = time.monotonic()
    worker.wait()
    assert time.monotonic() - started < 8


def test_store_that_hangs_for_a_while_loses_nothing(
    own_server: StoreServer, own_store: Store, start_worker: StartWorker, trace: Path
) -> None:
    requests = submit(own_store, *range(6), computation=slow)
    worker = start_worker(slow, linger_seconds=0.5, url=own_server.url)
    wait_for_calls(trace, 3)
    with own_server.frozen():
        time.sleep(1.5)
    worker.wait()
    assert_all_right(own_store, slow, requests)
