"""HTTP load on a server: by wrk where it is installed, else by a generator of our own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.peer_environments import CHECKOUT

_WRK_SCRIPT = Path(__file__).with_name("traffic.lua")


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """What to ask, how, and what must be answered.

    ``{n}`` in path and body is a number that counts up from ``first``, and begins again after
    ``cycle`` numbers (0: never). Each answer must have ``status`` and contain ``text``; with
    ``successor`` its value must be one more than its parameter ``n``. ``pause_milliseconds`` is how
    long each connection waits between an answer and its next request.
    """

    url: str
    path: str
    method: str = "GET"
    body: str = ""
    status: int = 200
    text: str = ""
    successor: bool = False
    first: int = 1
    cycle: int = 0
    connections: int = 16
    pause_milliseconds: int = 0

    def run(self, seconds: float) -> Answered:
        """Send it for so long; raise `WrongAnswers` unless every answer is right."""
        run = _run_wrk if shutil.which("wrk") else _run_generator
        answered = run(self, seconds)
        if answered.wrong:
            raise WrongAnswers(f"{answered.wrong} of {answered.requests}: {answered.example}")
        return answered


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What was answered: how many, how quickly, how many wrongly (with an example)."""

    requests: int
    seconds: float
    p50_milliseconds: float
    p99_milliseconds: float
    wrong: int
    example: str

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


class WrongAnswers(RuntimeError):
    """Raised when a server answers what it must not, or not at all."""


def generator_name() -> str:
    """Return what sends the load here."""
    return "wrk" if shutil.which("wrk") else "benchmarks.generator"


def _run_wrk(traffic: Traffic, seconds: float) -> Answered:
    # wrk takes whole seconds.
    duration = f"{max(1, round(seconds))}s"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"traffic = {_lua_table(traffic)}\n{_WRK_SCRIPT.read_text()}")
        script.flush()
        command = ["wrk", "--threads", "1", "--connections", str(traffic.connections)]
        command += ["--duration", duration, "--script", script.name, traffic.url]
        return _answered(command)


def _run_generator(traffic: Traffic, seconds: float) -> Answered:
    command = [sys.executable, "-m", "benchmarks.generator"]
    return _answered([*command, json.dumps(asdict(traffic)), str(seconds)])


def _answered(command: list[str]) -> Answered:
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    if done.returncode or not lines:
        raise RuntimeError(f"{command[0]} failed: {done.stdout[-1000:]}{done.stderr[-1000:]}")
    return Answered(**json.loads(lines[-1]))


def _lua_table(traffic: Traffic) -> str:
    """Return the traffic as a Lua table; JSON's texts, numbers and truths are Lua's too."""
    fields = (f"{name} = {json.dumps(value)}" for name, value in asdict(traffic).items())
    return "{ " + ", ".join(fields) + " }"
