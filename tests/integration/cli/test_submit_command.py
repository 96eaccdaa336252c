"""``batchwell submit`` and ``result``."""

from __future__ import annotations

import json

import pytest

from batchwell.client import Client
from tests.integration.cli.conftest import Run

EVERYTHING = {
    "text": "a=b & ü",
    "count": -3,
    "ratio": 0.25,
    "sure": True,
    "mode": "good",
    "numbers": [1, 2],
    "day": "2026-11-24",
    "anything": "5",
}


@pytest.mark.usefixtures("workers")
def test_waiting_prints_the_value_alone(run: Run) -> None:
    done = run("submit", "squared", "n=21", "--wait", "--timeout", "60")
    assert (done.returncode, done.stdout) == (0, "441\n")
    assert done.stderr.startswith("submitted as squared-")
    again = run("submit", "squared", "n=21", "--wait")
    assert (again.stdout, again.stderr) == ("441\n", "")


@pytest.mark.usefixtures("workers")
def test_without_waiting_the_id_is_printed_whether_known_or_not(run: Run, client: Client) -> None:
    request_id = run("submit", "squared", "n=22").stdout.strip()
    assert client.wait(request_id, timeout=60).outcome().value == 484
    known = run("submit", "squared", "n=22")
    assert known.stdout.strip() == request_id
    assert known.stderr.startswith("known already: 484 (fresh, computed ")
    forced = run("submit", "squared", "n=22", "--force")
    assert forced.stdout.strip() != request_id
    assert "known meanwhile: 484 (fresh" in forced.stderr
    older = run("submit", "squared", "n=22", "--max-age", "3600")
    assert "known already" in older.stderr


@pytest.mark.usefixtures("workers")
def test_text_is_printed_as_it_is_and_documents_in_json(run: Run) -> None:
    words = ["walk", "steps=0"]
    assert run("submit", *words, "--wait").stdout == "arrived\n"
    document = json.loads(run("submit", *words, "--wait", "--json").stdout)
    assert (document["value"], document["state"]) == ("arrived", "fresh")
    assert json.loads(run("result", *words, "--json").stdout)["request"] == document["request"]


@pytest.mark.usefixtures("workers")
def test_words_are_typed_by_the_schema(run: Run) -> None:
    words = [
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in EVERYTHING.items()
    ]
    done = run("submit", "everything", *words, "--wait")
    assert json.loads(done.stdout) == EVERYTHING
    read = run("result", "everything", *words)
    assert json.loads(read.stdout) == EVERYTHING


@pytest.mark.usefixtures("workers")
def test_words_are_read_as_leniently_as_a_query(run: Run) -> None:
    words = ["text=", "count=1_000", "ratio=7", "sure=yes"]
    submitted = run("submit", "everything", *words, "--wait")
    assert json.loads(submitted.stdout) == {
        "text": "", "count": 1000, "ratio": 7.0, "sure": True, "mode": "fast",
        "numbers": [], "day": None, "anything": None,
    }  # fmt: skip
    assert run("result", "everything", *words).stdout == submitted.stdout


@pytest.mark.usefixtures("workers")
def test_parameters_come_as_json_from_an_option_or_the_input(run: Run) -> None:
    params = json.dumps({**EVERYTHING, "anything": [None, {"deep": True}]})
    done = run("submit", "everything", "--params", params, "--wait")
    assert json.loads(done.stdout) == json.loads(params)
    piped = run("submit", "everything", "--params", "-", "--wait", text=params)
    assert piped.stdout == done.stdout


def test_options_reach_the_web_app(run: Run, client: Client) -> None:
    more = ["--priority", "interactive", "--expires-in", "3600"]
    document = json.loads(run("submit", "idle", "n=30", *more, "--json").stdout)
    assert document["status"] == "pending"
    assert client.cancel(document["id"]).status == "cancelled"


def test_time_limit_is_told_and_the_request_goes_on(run: Run, client: Client) -> None:
    done = run("submit", "idle", "n=31", "--wait", "--timeout", "0.5")
    assert (done.returncode, done.stdout) == (124, "")
    *_, parting = done.stderr.splitlines()
    request_id = parting.partition(" ")[0]
    assert f"{request_id} has not ended within 0.5 s; it goes on" in parting
    assert f"`batchwell cancel {request_id}`" in parting
    assert client.cancel(request_id).status == "cancelled"


@pytest.mark.usefixtures("workers")
def test_failure_is_told_with_its_error(run: Run) -> None:
    done = run("submit", "inverse", "n=0", "--wait")
    assert (done.returncode, done.stdout) == (1, "")
    assert "failed: ZeroDivisionError: division by zero" in done.stderr.splitlines()[-1]
    document = json.loads(run("submit", "inverse", "n=0", "--wait", "--json").stdout)
    assert (document["status"], document["error"]["type"]) == ("failed", "ZeroDivisionError")


@pytest.mark.usefixtures("workers")
def test_stale_value_is_printed_and_said_to_be(run: Run, client: Client) -> None:
    client.compute("squared", {"n": 23}, timeout=60)
    client.invalidate("squared")
    done = run("result", "squared", "n=23")
    assert done.stdout == "529\n"
    assert done.stderr.startswith("stale, computed ")
    assert " renews it" in done.stderr
    fresh = run("result", "squared", "n=23", "--max-age", "0", "--wait", "30", "--json")
    assert json.loads(fresh.stdout)["state"] == "fresh"
    assert run("result", "squared", "n=23", "--only-if-cached").stdout == "529\n"
    assert json.loads(run("result", "squared", "--latest", "--json").stdout)["params"] == {"n": 23}


def test_value_that_is_not_there_is_told_with_the_command_that_brings_it(run: Run) -> None:
    done = run("result", "idle", "n=-5")
    assert (done.returncode, done.stdout) == (3, "")
    assert "`batchwell submit idle n=-5 --wait` has it computed" in done.stderr


@pytest.mark.usefixtures("workers")
def test_long_value_is_told_in_brief_and_printed_whole(run: Run, client: Client) -> None:
    numbers = list(range(300))
    request_id = client.compute("everything", {"text": "a", "numbers": numbers}, timeout=60).request
    told = run("submit", "everything", "text=a", f"numbers={numbers}").stderr
    assert told.startswith('known already: {"text": "a"')
    assert len(told) < 300
    assert len(run("status", request_id).stdout) < 800
    read = run("result", "everything", "text=a", f"numbers={numbers}").stdout
    assert json.loads(read)["numbers"] == numbers
