"""Drain: everything that waits is computed, in few calls, with the right values."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from batchwell import Computation, batch_run, computation
from batchwell.batch_run import BatchRun
from batchwell.compute_process import ComputeProcess
from batchwell.delivery_process import DeliveryProcess
from batchwell.drain import BatchSize, drain
from batchwell.records import Priority, Status
from batchwell.store import Origin, Store
from tests.integration.core.clock import Clock
from tests.integration.core.conftest import StartWorker
from tests.integration.core.samples import claim, look, params, status, submit
from tests.integration.core.workloads import (
    double,
    double_all,
    invert,
    invert_all,
    large_all,
    nap,
    slow,
    telling,
    unspeakable,
)


def value(store: Store, computation: Computation[Any, Any], number: int) -> str | None:
    result = store.read(computation, params(number, computation=computation)[0])
    return None if result is None else result.value


@pytest.mark.parametrize("computation", [double, double_all])
def test_everything_that_waits_is_computed(
    store: Store, computation: Computation[Any, Any]
) -> None:
    wanted = [number for number in range(1000) if number != 13]
    submit(store, *wanted, computation=computation)
    summary = drain(store, computation, linger_seconds=0)
    assert (summary.succeeded, summary.failed) == (999, 0)
    counts = store.count(computation)
    assert (counts.pending, counts.running, counts.workers) == (0, 0, 0)
    assert all(value(store, computation, number) == str(2 * number) for number in wanted)


def test_empty_queue_ends_a_drain_at_once(store: Store) -> None:
    summary = drain(store, double, linger_seconds=0)
    assert (summary.batches, summary.succeeded) == (0, 0)
    assert summary.seconds < 3


def test_batch_form_is_called_once_for_all_that_fit(store: Store, trace: Path) -> None:
    submit(store, *range(100, 1600), computation=double_all)
    summary = drain(store, double_all, linger_seconds=0)
    assert summary.batches == 2
    assert trace.read_text().split() == ["1000", "500"]
    result = store.latest(double_all)
    assert result is not None
    assert result.batch_size == 500


def test_result_names_the_run_that_computed_it(store: Store) -> None:
    (request,) = submit(store, 1, computation=double)
    drain(store, double, linger_seconds=0, origin=Origin(dag_id="dag", run_id="run"))
    found = look(store, request, double)
    assert found.result is not None
    assert (found.result.dag_id, found.result.run_id) == ("dag", "run")
    assert (found.dag_id, found.run_id) == ("dag", "run")


@pytest.mark.parametrize("computation", [invert, invert_all])
def test_item_that_raises_is_tried_again_then_fails_and_spares_its_companions(
    store: Store, computation: Computation[Any, Any]
) -> None:
    requests = submit(store, *range(50), computation=computation)
    for attempt in (1, 2, 3):
        summary = drain(store, computation, linger_seconds=0)
        assert summary.succeeded == (49 if attempt == 1 else 0)
        assert look(store, requests[0], computation).attempt == attempt
        Clock(store, computation).ripen_retries()
    found = look(store, requests[0], computation)
    assert (found.status, found.error_type) == (Status.FAILED, "ZeroDivisionError")
    assert found.error_message == "division by zero"
    assert {status(store, one, computation) for one in requests[1:]} == {Status.SUCCEEDED}


def test_log_has_a_line_a_batch_and_one_for_all_its_errors(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.submit(invert_all, params(*range(50), computation=invert_all), trace="from-http")
    with caplog.at_level(logging.INFO, logger="batchwell"):
        drain(store, invert_all, linger_seconds=0)
    line, errors = [record.getMessage() for record in caplog.records]
    assert "batch of 50" in line
    assert "49 succeeded, 1 retrying" in line or "1 retrying, 49 succeeded" in line
    assert line.count("(from-http)") == 10
    assert errors.startswith("errors: 1 ZeroDivisionError (division by zero): invert_all-")
    assert errors.endswith("(from-http)")


def test_failure_that_a_batch_returns_is_final(store: Store) -> None:
    requests = submit(store, 12, 13, 14, computation=double_all)
    summary = drain(store, double_all, linger_seconds=0)
    assert (summary.succeeded, summary.failed, summary.retrying) == (2, 1, 0)
    found = look(store, requests[1], double_all)
    assert (found.error_type, found.error_message) == ("Unlucky", "unlucky")


def test_text_that_no_store_can_hold_fails_only_its_request(store: Store) -> None:
    requests = submit(store, 1, 2, 3, computation=unspeakable)
    summary = drain(store, unspeakable, linger_seconds=0)
    assert (summary.succeeded, summary.failed) == (1, 2)
    assert look(store, requests[0], unspeakable).error_message == "half a pair ?"
    assert look(store, requests[1], unspeakable).error_type == "InvalidResult"
    assert look(store, requests[2], unspeakable).progress_message == "half a pair ?"


def test_large_results_are_kept_in_calls_that_the_server_takes(
    own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_run, "_PART_CHARACTERS", 1_000_000)
    own_store.client.config_set("proto-max-bulk-len", 2_000_000)
    submit(own_store, *range(20), computation=large_all)
    assert drain(own_store, large_all, linger_seconds=0).succeeded == 20
    kept = value(own_store, large_all, 19)
    assert kept is not None
    assert len(kept) == 300_002


def test_progress_is_recorded_while_it_runs(store: Store, start_worker: StartWorker) -> None:
    (request,) = submit(store, 1, computation=telling)
    worker = start_worker(telling)
    seen: dict[float, str] = {}
    deadline = time.monotonic() + 20
    while not (found := look(store, request, telling)).status.is_terminal:
        assert time.monotonic() < deadline
        if found.progress_fraction is not None:
            seen[found.progress_fraction] = found.progress_message
        time.sleep(0.02)
    worker.wait()
    assert list(seen)
    assert all(message == f"step {4 * fraction:.0f}" for fraction, message in seen.items())


def test_stop_finishes_the_current_item_and_gives_the_rest_back(
    store: Store, start_worker: StartWorker, trace: Path
) -> None:
    requests = submit(store, *range(20), computation=slow)
    worker = start_worker(slow, linger_seconds=60)
    while len(trace.read_text().split()) < 3:
        time.sleep(0.01)
    worker.terminate()
    summary = worker.wait(timeout_seconds=5)
    begun = len(trace.read_text().split())
    assert summary.succeeded == begun, "what was begun was finished and kept"
    statuses = [status(store, request, slow) for request in requests]
    assert statuses.count(Status.SUCCEEDED) == begun
    assert statuses.count(Status.PENDING) == 20 - begun
    assert store.count(slow).workers == 0
    assert max(look(store, request, slow).attempt for request in requests) == 1


def test_stop_ends_an_idle_worker(store: Store) -> None:
    stop = threading.Event()
    stop.set()
    started = time.monotonic()
    drain(store, double, linger_seconds=60, stop=stop)
    assert time.monotonic() - started < 4
    assert store.count(double).workers == 0


def wait_until_idle(store: Store) -> None:
    """Wait until a worker blocks on its doorbell."""
    deadline = time.monotonic() + 20
    while store.client.info("clients")["blocked_clients"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_lingering_worker_serves_a_new_request_in_milliseconds(
    store: Store, start_worker: StartWorker
) -> None:
    start_worker(double, linger_seconds=60)
    wait_until_idle(store)
    delays_seconds = []
    for number in range(20):
        time.sleep(0.02)
        (request,) = submit(store, number, computation=double)
        found = look(store, request, double)
        while not found.status.is_terminal:
            found = look(store, request, double)
        assert found.finished_at is not None
        delays_seconds.append(found.finished_at - found.submitted_at)
    assert sorted(delays_seconds)[10] < 0.05


def test_idle_worker_ends_after_lingering(store: Store) -> None:
    started = time.monotonic()
    drain(store, double, linger_seconds=0.3)
    assert 0.3 <= time.monotonic() - started < 4


def test_idle_worker_lets_a_batch_fill(
    store: Store, start_worker: StartWorker, trace: Path
) -> None:
    worker = start_worker(double_all, linger_seconds=60)
    wait_until_idle(store)
    requests = [submit(store, number, computation=double_all)[0] for number in range(10)]
    while not all(status(store, one, double_all).is_terminal for one in requests):
        time.sleep(0.02)
    worker.terminate()
    worker.wait()
    assert trace.read_text().split() == ["10"]


def test_quick_value_is_told_while_a_slow_one_of_its_batch_is_computed(store: Store) -> None:
    @computation()
    def mixed(n: int) -> int:
        time.sleep(n)
        return n

    (quick,) = submit(store, 0, computation=mixed)
    time.sleep(0.01)  # of the same millisecond, either might come first
    submit(store, 3, computation=mixed)
    draining = threading.Thread(target=drain, args=(store, mixed), kwargs={"linger_seconds": 0})
    batch_size = BatchSize.__init__

    def two_at_once(self: BatchSize, of: Computation[Any, Any]) -> None:
        batch_size(self, of)
        self.size = 2

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BatchSize, "__init__", two_at_once)
        draining.start()
        deadline = time.monotonic() + 1.5
        while status(store, quick, mixed) is not Status.SUCCEEDED:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        draining.join()


@pytest.mark.usefixtures("brisk")
def test_what_is_cancelled_before_its_turn_holds_the_others_up_for_a_moment_only(
    store: Store,
) -> None:
    (first,) = submit(store, 10, computation=nap, priority=Priority.INTERACTIVE)
    (cancelled,) = submit(store, 600, computation=nap)
    (last,) = submit(store, 1, computation=nap, priority=Priority.BULK)
    batch = claim(store, computation=nap)
    run = BatchRun(
        store,
        nap,
        ComputeProcess(nap),
        DeliveryProcess(store, nap),
        batch,
        worker="worker",
        origin=Origin(),
        stop=threading.Event(),
    )
    thread = threading.Thread(target=run.run)
    thread.start()
    store.cancel(nap, cancelled)
    thread.join(20)
    assert not thread.is_alive()
    run.process.close()
    assert [status(store, request, nap) for request in (first, cancelled, last)] == [
        Status.SUCCEEDED,
        Status.CANCELLED,
        Status.SUCCEEDED,
    ]
    assert run.tally == {"succeeded": 2, "lost": 1}


@computation(fresh_for=None)
def doubling() -> int:
    return 2


@computation(depends_on=[doubling], max_batch=1)
def multiplied(n: int, doubling: int | None) -> int | None:
    return doubling and n * doubling


def test_each_batch_is_given_what_is_known_upstream_by_then(store: Store) -> None:
    first, second = (multiplied.parse({"n": n}) for n in (1, 2))
    store.submit(multiplied, [first])
    drain(store, multiplied, linger_seconds=0)
    store.submit(doubling, doubling.standing)
    drain(store, doubling, linger_seconds=0)
    store.submit(multiplied, [second])
    drain(store, multiplied, linger_seconds=0)
    found = [store.read(multiplied, each) for each in (first, second)]
    assert [each and each.value for each in found] == ["null", "4"]
