"""docs/command.md is held against the command: each example is run, in order, in one shell."""

from __future__ import annotations

import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from batchwell.commands.exit_codes import EPILOG
from tests.integration.cli.conftest import BATCHWELL
from tests.integration.running import draining, running_web

CHECKOUT = Path(__file__).parents[3]
PAGE = (CHECKOUT / "docs" / "command.md").read_text()
MARK = "--- next ---"


@pytest.fixture(scope="module")
def env(web_env: dict[str, str]) -> Iterator[dict[str, str]]:
    """The project's own computations in a namespace of their own; two of them are drained."""
    env = {
        **web_env,
        "BATCHWELL_DAGS_FOLDER": str(CHECKOUT / "dags"),
        "BATCHWELL_NAMESPACE": f"test-{secrets.token_hex(6)}",
        "PATH": f"{Path(BATCHWELL).parent}:/usr/bin:/bin",
    }
    with ExitStack() as running:
        env["BATCHWELL_URL"] = running.enter_context(running_web(env))
        running.enter_context(draining(env, "fibonacci"))
        yield env


def examples() -> Iterator[tuple[str, str]]:
    """Yield each command of the page with the output that it shows, "" where it shows none."""
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for example in re.findall(r"^\$ (.*\n(?:[^$].*\n)*)", block, re.MULTILINE):
            command, _, output = example.partition("\n")
            yield command, output


def test_each_example_does_what_the_page_shows(env: dict[str, str]) -> None:
    shown = list(examples())
    script = "".join(f"{command}\necho '{MARK}'\n" for command, _ in shown)
    done = subprocess.run(
        ["sh", "-eu"], input=script, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(shown) >= 12
    for (command, output), printed in zip(shown, done.stdout.split(f"{MARK}\n"), strict=False):
        if output:
            assert printed == output, command


def test_the_python_example_works(env: dict[str, str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("6765\nfresh None\n")


def test_the_exit_codes_are_those_of_the_help() -> None:
    page = re.findall(r"^\| (\d+) \| (.*) \|$", PAGE, re.MULTILINE)
    told = re.findall(r"^  (\d+) +(.*)$", EPILOG, re.MULTILINE)
    assert [(code, meaning.replace("`", "")) for code, meaning in page] == told
