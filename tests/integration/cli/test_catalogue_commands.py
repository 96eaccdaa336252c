"""``batchwell computations``, ``show``, ``invalidate`` and ``completion``."""

from __future__ import annotations

import json

from tests.integration.cli.conftest import Run


def test_computations_are_listed(run: Run) -> None:
    lines = run("computations").stdout.splitlines()
    assert lines[0].split() == ["NAME", "WAITING", "RUNNING", "WORKERS", "VALUES", "TITLE"]
    assert any(line.startswith("idle ") and "Have nobody who" in line for line in lines)
    documents = json.loads(run("computations", "--json").stdout)
    assert [each["name"] for each in documents] == sorted(each["name"] for each in documents)


def test_computation_is_shown_with_its_types_and_an_example(run: Run) -> None:
    told = run("show", "everything").stdout
    for line in (
        "everything: Give back all that it was given",
        "  text      string",
        "  count     integer, 1 if not given",
        '  mode      "fast" or "good", "fast" if not given',
        "  numbers   list of integer, [] if not given",
        "  day       date or null, null if not given",
        "  anything  anything, null if not given",
        "  max_attempts           3",
        "Try: batchwell submit everything text=text --wait",
    ):
        assert line in told.splitlines()
    squared = run("show", "squared").stdout
    assert "Try: batchwell submit squared n=0 --wait" in squared
    assert f"  n  integer, at least 0, at most {10**30}\n" in squared
    assert json.loads(run("show", "squared", "--json").stdout)["name"] == "squared"


def test_invalidate_tells_the_generation(run: Run) -> None:
    document = json.loads(run("invalidate", "narrow", "--json").stdout)
    told = run("invalidate", "narrow").stdout
    assert told == f"narrow is in generation {document['generation'] + 1}\n"


def test_shells_complete_the_names_of_computations(run_process: Run) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert "_BATCHWELL_COMPLETE" in run_process("completion", shell).stdout
    asked = {"_BATCHWELL_COMPLETE": "bash_complete", "COMP_CWORD": "2"}
    done = run_process(**asked, COMP_WORDS="batchwell submit i")
    assert done.stdout.split() == ["plain,idle", "plain,inverse"]
    away = run_process(**asked, COMP_WORDS="batchwell submit i", BATCHWELL_URL="http://127.0.0.1:9")
    assert (away.stdout.strip(), away.stderr) == ("", "")
