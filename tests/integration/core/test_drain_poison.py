"""A poison request fails alone: code that kills its process, or never returns."""

from __future__ import annotations

import time
from typing import Any

import pytest

from batchwell import Computation
from batchwell.drain import drain
from batchwell.identifiers import split_request_id
from batchwell.records import Status
from batchwell.store import Store
from tests.integration.core.clock import Clock
from tests.integration.core.samples import look, status, submit
from tests.integration.core.workloads import (
    DEATHS,
    deadly,
    deadly_all,
    double,
    nearly_late,
    stubborn,
    stubborn_all,
)
from tests.stored import set_request_field

TOLD = {
    101: "was killed by SIGABRT",
    102: "was killed by SIGKILL",
    103: "exited with 3",
    104: "exited with 70",
    105: "was killed by SIGSEGV",
    106: "exited with 3",
}


def drain_to_the_end(store: Store, computation: Computation[Any, Any]) -> None:
    for _ in range(computation.policy.max_attempts):
        drain(store, computation, linger_seconds=0)
        Clock(store, computation).ripen_retries()


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize("culprit", DEATHS)
@pytest.mark.parametrize("computation", [deadly, deadly_all])
def test_code_that_kills_its_process_fails_alone(
    store: Store, computation: Computation[Any, Any], culprit: int
) -> None:
    requests = submit(store, *range(8), culprit, *range(10, 16), computation=computation)
    drain_to_the_end(store, computation)
    found = look(store, requests[8], computation)
    assert (found.status, found.attempt) == (Status.FAILED, 2)
    assert found.error_type == "ComputeProcessDied"
    assert found.error_message == f"the process that computed this {TOLD[culprit]}"
    for request in [*requests[:8], *requests[9:]]:
        other = look(store, request, computation)
        assert (other.status, other.attempt) == (Status.SUCCEEDED, 1)


def test_several_culprits_are_all_found(store: Store) -> None:
    requests = submit(store, 1, 102, 2, 103, 104, 3, computation=deadly_all)
    drain_to_the_end(store, deadly_all)
    statuses = [status(store, request, deadly_all).value for request in requests]
    assert statuses == ["succeeded", "failed", "succeeded", "failed", "failed", "succeeded"]


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize("computation", [stubborn, stubborn_all])
def test_code_that_never_returns_is_ended_and_only_its_request_pays(
    store: Store, computation: Computation[Any, Any]
) -> None:
    wanted = [1, 2, 3, 13, 4, 5]
    requests = submit(store, *wanted, computation=computation)
    for index, request in enumerate(requests):
        Clock(store, computation).age_waiting(request, 10 - index)
    started = time.monotonic()
    summary = drain(store, computation, linger_seconds=0)
    assert time.monotonic() - started < 10
    assert (summary.succeeded, summary.failed, summary.retrying) == (5, 1, 0)
    found = look(store, requests[3], computation)
    assert (found.status, found.error_type) == (Status.FAILED, "TimeLimitExceeded")
    for number, request in zip(wanted, requests, strict=True):
        if number != 13:
            assert status(store, request, computation) is Status.SUCCEEDED


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize("wanted", [[13, 1], [1, 13]])
def test_one_companion_of_code_that_never_returns_is_spared(
    store: Store, wanted: list[int]
) -> None:
    requests = submit(store, *wanted, computation=stubborn)
    drain(store, stubborn, linger_seconds=0)
    assert status(store, requests[wanted.index(1)], stubborn) is Status.SUCCEEDED
    assert status(store, requests[wanted.index(13)], stubborn) is Status.FAILED


@pytest.mark.usefixtures("brisk")
def test_halving_is_not_taken_for_a_call_that_never_returns(store: Store) -> None:
    sound, culprit = submit(store, 1, 13, computation=nearly_late)
    drain(store, nearly_late, linger_seconds=0)
    assert look(store, culprit, nearly_late).error_type == "ValueError"
    assert status(store, sound, nearly_late) is Status.SUCCEEDED


def test_parameters_of_an_older_release_fail_alone(store: Store) -> None:
    requests = submit(store, 1, 2, computation=double)
    _, token = split_request_id(requests[0])
    set_request_field(store, "double", token, "params", '{"old":1}')
    drain(store, double, linger_seconds=0)
    found = look(store, requests[0], double)
    assert (found.status, found.error_type) == (Status.FAILED, "InvalidParameters")
    assert status(store, requests[1], double) is Status.SUCCEEDED
