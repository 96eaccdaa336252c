"""Whatever dies, and in whatever order: each request comes to its one right end.

FAULT_SEED repeats the order of kills of an earlier run.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchwell.batch_run import LEASE_SECONDS
from tests.acceptance.fault_load import FaultLoad, start_system
from tests.acceptance.running_system import RunningSystem, wait_for
from tests.acceptance.victims import Victims

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]

REQUESTS = 2000


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningSystem, Path]]:
    """A system of these tests' own, and the folder in which its computations leave their trace."""
    system, trace = start_system(tmp_path_factory.mktemp("faults"))
    yield system, trace
    system.stop()


def test_killed_drain_task_costs_seconds_not_its_lease(
    traced: tuple[RunningSystem, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Airflow tries the task again, and the new try lets go of what the dead one held."""
    system, trace = traced
    location = system.submit("pondered", {"n": 21}).headers["Location"]
    wait_for("call", lambda: "called 21" in (trace / "calls").read_text())
    assert Victims(system.home, random.Random()).kill("drain worker")
    killed_at = time.monotonic()
    document = system.finished(location)
    seconds = time.monotonic() - killed_at
    with capsys.disabled():
        print(f"\na killed drain task: {seconds:.1f} s from the kill to the value", end=" ")
    assert (document["status"], document["result"]["value"]) == ("succeeded", 42)
    assert document["result"]["provenance"]["attempt"] == 2
    assert seconds < LEASE_SECONDS * 2 / 3


def test_2000_requests_outlive_every_kill(
    traced: tuple[RunningSystem, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    system, trace = traced
    (trace / "calls").write_text("")
    seed = int(os.environ.get("FAULT_SEED") or random.SystemRandom().randrange(10**6))
    with capsys.disabled():
        print(f"\nFAULT_SEED={seed}", flush=True)
        report = FaultLoad(system, trace, seed=seed).run(REQUESTS, lambda told: None)
        print(f"{report}; all had ended {report.settle_seconds:.0f} s after the last submit")
    assert report.requests == report.ended == REQUESTS
    assert not report.lost
    assert not report.wrong
    assert not any(report.left.values()), report.left
    assert report.kills.total() >= 8, report
    assert report.extra_computations <= report.most_explained, report
