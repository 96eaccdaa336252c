"""What goes wrong is told in one sentence, and by an exit code that scripts can go by."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchwell.client import Client
from batchwell.commands.store_opening import open_store_alone
from batchwell.errors import StoreUnavailable
from tests.integration.cli.conftest import Run
from tests.integration.client.faulty_peers import stranger
from tests.servers import free_port

NOBODY = f"idle-{'a' * 16}"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["submit", "squared", "40"], 2, "'40' is no parameter: write NAME=VALUE, such as n=40"),
        (["submit", "squared", "=40"], 2, "'=40' is no parameter"),
        (["submit", "squared", "n=1", "n=2"], 2, "n is given twice"),
        (["submit", "squared", "n=x"], 2, "n: Input should be a valid integer"),
        (["submit", "squared", "n=nan"], 2, "n: Input should be a valid integer"),
        (["submit", "squared", "m=1"], 2, "m: Extra inputs are not permitted"),
        (["submit", "squared"], 2, "n: Field required"),
        (["submit", "everything", "text=a", "ratio=nan"], 2, "ratio: Input should be a valid num"),
        (["submit", "everything", "text=a", "numbers=1,2"], 2, "numbers is not JSON"),
        (["submit", "everything", "text=a", "numbers=[x]"], 2, "numbers is not JSON"),
        (["submit", "squared", "--params", "[1]"], 2, "--params must be a JSON object"),
        (["submit", "squared", "--params", "{"], 2, "--params is not JSON"),
        (["submit", "squared", "--params", '{"n": NaN}'], 2, "NaN is no number of JSON"),
        (["submit", "squared", "--params", "[" * 100_000], 2, "--params is not JSON"),
        (["submit", "squared", "n=1", "--params", "{}"], 2, "not both"),
        (["submit", "squared", "n=1", "--timeout", "5"], 2, "--timeout goes with --wait"),
        (["submit", "squared", "n=1", "--force", "--max-age", "5"], 2, "exclude each other"),
        (["submit", "squared", "n=1", "--priority", "now"], 2, "'now' is not one of"),
        (["submit", "squared", "n=1", "--max-age", "-1"], 2, "-1.0 is not in the range"),
        (["result", "squared", "n=\udcff"], 2, "n is not UTF-8 text"),
        (["result", "squared", "--latest", "--wait", "5"], 2, "--latest goes with no parameters"),
        (["status", NOBODY, "--timeout", "5"], 2, "--timeout goes with --follow"),
        (["replay"], 2, "say which: either ids, or --all NAME"),
        (["replay", NOBODY, "--all", "idle"], 2, "say which: either ids, or --all NAME"),
        (["no-such-command"], 2, "No such command"),
        (["submit", "squred", "n=1"], 3, "no computation named 'squred'; did you mean squared?"),
        (["result", "qqq", "n=1"], 3, "there are: everything, idle, inverse"),
        (["show", "\udcff\x1b[31m"], 3, "there is no computation named"),
        (["status", NOBODY], 3, f"there is no request with the id '{NOBODY}'"),
        (["status", NOBODY, "--follow"], 3, f"there is no request with the id '{NOBODY}'"),
        (["status", "../computations"], 3, "there is no request with the id"),
        (["cancel", "x"], 3, "there is no request with the id 'x'"),
        (["replay", NOBODY], 3, f"there is no request with the id '{NOBODY}'"),
    ],
)
def test_errors_are_one_sentence_with_a_code(
    run: Run, words: list[str], code: int, told: str
) -> None:
    done = run(*words)
    assert done.returncode == code, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Error: ")
    assert told in last
    assert "\x1b" not in done.stderr
    assert done.stdout == ""


@pytest.mark.usefixtures("workers")
def test_what_has_ended_is_not_cancelled(run: Run, client: Client) -> None:
    request_id = client.compute("squared", {"n": 77}, timeout=60).request
    for command in ("cancel", "replay"):
        done = run(command, request_id)
        assert done.returncode == 1
        assert f"{request_id} is succeeded" in done.stderr


def test_full_queue_is_refused_once_it_was_waited_for(
    run: Run, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchwell.commands.web_opening._RETRY_SECONDS", 2.0)
    requests = [client.submit("narrow", {"n": n}).request for n in (60, 61)]
    done = run("submit", "narrow", "n=62")
    assert done.returncode == 4
    first, *_, last = done.stderr.splitlines()
    assert first.startswith("2 requests wait for narrow already")
    assert "; trying again in " in first
    assert last.startswith("Error: 2 requests wait for narrow already")
    for request in requests:
        assert request is not None
        client.cancel(request.id)


def test_token_that_is_missing_is_told(run: Run) -> None:
    document = b'{"type": "/problems/not-authenticated", "detail": "A token is needed."}'
    headers = {"Content-Type": "application/problem+json"}
    with stranger(401, document, headers) as url:
        bare = run("computations", BATCHWELL_URL=url)
        done = run("computations", BATCHWELL_URL=url, BATCHWELL_TOKEN="s3cret")
    needed = "the web app needs a token: set BATCHWELL_TOKEN"
    assert (bare.returncode, bare.stderr) == (4, f"Error: {needed}\n")
    refused = "the web app does not take the token in BATCHWELL_TOKEN"
    assert (done.returncode, done.stderr) == (4, f"Error: {refused}: A token is needed.\n")


def test_web_app_that_is_away_is_told(run: Run) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    for words in (["computations"], ["submit", "x", "--wait"], ["status", NOBODY, "--follow"]):
        done = run(*words, BATCHWELL_URL=url, BATCHWELL_TOKEN="s3cret")
        assert done.returncode == 5
        assert done.stderr.startswith(f"Error: no answer from the web app at {url} (")
        assert "scripts/up" in done.stderr
        assert "s3cret" not in done.stderr


def test_another_program_in_its_place_is_told(run: Run) -> None:
    with stranger(200, b"<html>\x1b[31m") as url:
        done = run("computations", BATCHWELL_URL=url)
    assert done.returncode == 5
    assert f"{url} is not Batchwell's API" in done.stderr


def test_drain_of_an_unknown_name_is_told(run_process: Run) -> None:
    done = run_process("drain", "squred")
    told = "Error: there is no computation named 'squred'; did you mean squared?\n"
    assert (done.returncode, done.stderr) == (3, told)


def test_process_exits_with_the_code(run_process: Run) -> None:
    done = run_process("result", "squared", "n=\udcff")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "Error: n is not UTF-8 text")


def test_store_that_is_away_is_told(run_process: Run) -> None:
    done = run_process("drain", "squared", BATCHWELL_REDIS_URL=f"redis://127.0.0.1:{free_port()}")
    assert done.returncode == 5
    assert "the store does not answer" in done.stderr


def test_store_at_the_default_address_is_told_with_how_to_name_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("BATCHWELL_REDIS_URL", raising=False)
    monkeypatch.setenv("BATCHWELL_HOME", str(tmp_path))
    told = r"BATCHWELL_REDIS_URL is not set .* BATCHWELL_HOME"
    with pytest.raises(StoreUnavailable, match=told), open_store_alone():
        raise StoreUnavailable("the store does not answer")
    (tmp_path / "redis.url").write_text("redis://127.0.0.1:1/0\n")
    with pytest.raises(StoreUnavailable, match=r"away$"), open_store_alone():
        raise StoreUnavailable("it is away")


def test_setting_that_cannot_be_used_is_told(run: Run) -> None:
    for setting in ({"BATCHWELL_URL": "nonsense"}, {"BATCHWELL_TOKEN": "two words"}):
        done = run("computations", **setting)
        assert done.returncode == 2
        assert done.stderr.startswith(f"Error: {next(iter(setting))} must be")


def test_help_teaches(run: Run) -> None:
    told = run("-h").stdout
    assert "Exit codes:" in told
    assert "BATCHWELL_TOKEN" in told
    commands = told.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    assert len(commands) >= 12
    for line in commands:
        name = line.split()[0]
        text = run(name, "--help").stdout
        assert "Example" in text or name == "token", name
