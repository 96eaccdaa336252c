"""``batchwell status``, ``cancel``, ``failures`` and ``replay``."""

from __future__ import annotations

import json

import pytest

from batchwell.client import Client
from tests.integration.cli.conftest import Run


def test_status_tells_what_a_request_waits_for(run: Run, client: Client) -> None:
    request = client.submit("idle", {"n": 40}).request
    assert request is not None
    told = run("status", request.id).stdout
    assert told.startswith(f"{request.id}  pending\n")
    assert f"now         pending: {request.waiting_because}" in told
    assert json.loads(run("status", request.id, "--json").stdout)["id"] == request.id
    assert run("cancel", request.id).stdout == f"{request.id} is cancelled\n"
    followed = run("status", request.id, "--follow")
    assert followed.returncode == 1
    assert followed.stdout.startswith(f"{request.id}  cancelled\n")


@pytest.mark.usefixtures("workers")
def test_request_is_followed_line_by_line(run: Run, client: Client) -> None:
    request = client.submit("walk", {"steps": 4, "pause": 0.6}).request
    assert request is not None
    done = run("status", request.id, "--follow", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["result"]["value"] == "arrived"
    lines = done.stderr.splitlines()
    assert lines[-1] == "succeeded"
    assert any(line.startswith("running 50%: step 3 of 4") for line in lines)
    assert len(lines) == len(set(lines))


def test_cancelled_request_is_replayed(run: Run, client: Client) -> None:
    request_id = run("submit", "idle", "n=41").stdout.strip()
    cancelled = run("cancel", request_id, "--json")
    assert json.loads(cancelled.stdout)["status"] == "cancelled"
    done = run("replay", request_id)
    assert done.returncode == 0
    replayed = done.stdout.strip()
    assert client.request(replayed).status == "pending"
    client.cancel(replayed)


@pytest.mark.usefixtures("workers")
def test_failures_are_listed_and_replayed_together(run: Run, client: Client) -> None:
    outcomes = client.submit_many("inverse", [{"n": 0, "of": of} for of in range(50, 53)])
    for outcome in outcomes:
        client.wait(str(outcome.request), timeout=60)
    listed = run("failures", "inverse", "--limit", "2")
    assert len(listed.stdout.splitlines()) == 2
    assert 'ZeroDivisionError: division by zero  {"n": 0, "of": ' in listed.stdout
    assert "there are more than 2" in listed.stderr
    documents = json.loads(run("failures", "inverse", "--json").stdout)
    assert {outcome.request for outcome in outcomes} <= {each["id"] for each in documents}
    replayed = json.loads(run("replay", "--all", "inverse", "--json").stdout)
    assert len(replayed) == len(documents)
    assert {each["status"] for each in replayed} <= {"pending", "running", "failed"}


def test_replay_goes_on_after_one_that_cannot_be(run: Run, client: Client) -> None:
    cancelled = run("submit", "idle", "n=42").stdout.strip()
    client.cancel(cancelled)
    done = run("replay", "idle-aaaaaaaaaaaaaaaa", cancelled)
    assert done.returncode == 3
    assert "there is no request with the id 'idle-aaaaaaaaaaaaaaaa'" in done.stderr
    client.cancel(done.stdout.strip())


def test_nothing_that_failed_is_said(run: Run) -> None:
    done = run("failures", "narrow")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "nothing of narrow has failed\n"
    assert run("failures", "narrow", "--json").stdout == "[]\n"
    assert run("replay", "--all", "narrow", "--json").stdout == "[]\n"
