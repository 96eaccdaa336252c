"""The command on a terminal: a bar that moves, and Ctrl-C."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from batchwell.client import Client
from tests.integration.cli.conftest import BATCHWELL

_SECONDS = 60.0
# Where the tests run in the background, a process is born ignoring Ctrl-C.
_CODE = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""
INTERRUPTIBLE = (sys.executable, "-c", _CODE)


@dataclass
class Terminal:
    """A command whose standard error is a terminal of 80 columns; its output is a pipe."""

    process: subprocess.Popen[str]
    screen: int
    text: str = ""
    _reader: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, is_there: Callable[[str], object]) -> None:
        """Wait until the screen has shown what is looked for."""
        deadline = time.monotonic() + _SECONDS
        while not is_there(self.text):
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)

    def end(self) -> tuple[int, str]:
        """Return the exit code and the standard output."""
        out, _ = self.process.communicate(timeout=_SECONDS)
        self._reader.join(timeout=_SECONDS)
        os.close(self.screen)
        return self.process.returncode, out

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self.screen, 65536)
            except OSError:  # the command has closed its end
                return
            self.text += data.decode(errors="replace")


@pytest.fixture
def on_terminal(env: dict[str, str]) -> Callable[..., Terminal]:
    def start(*words: str) -> Terminal:
        screen, command = pty.openpty()
        process = subprocess.Popen(
            [*INTERRUPTIBLE, BATCHWELL, *words],
            env={**env, "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "25"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=command,
            text=True,
        )
        os.close(command)
        return Terminal(process, screen)

    return start


@pytest.mark.usefixtures("workers")
def test_bar_moves_and_the_value_goes_to_the_output(on_terminal: Callable[..., Terminal]) -> None:
    terminal = on_terminal("submit", "walk", "steps=6", "pause=0.7", "--wait")
    code, out = terminal.end()
    assert (code, out) == (0, "arrived\n")
    percents = [int(each) for each in re.findall(r"(\d+)%", terminal.text)]
    assert percents == sorted(percents)
    assert percents[-1] == 100
    assert len(set(percents)) >= 4
    bars = re.findall("━+", re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", terminal.text))
    assert len({len(bar) for bar in bars}) >= 4
    assert re.search(r"0:00:0[1-9]", terminal.text)
    assert re.search(r"step \d of 6", terminal.text)
    assert "succeeded" in terminal.text


def test_what_it_waits_for_is_shown_and_ctrl_c_leaves_the_request(
    on_terminal: Callable[..., Terminal], client: Client
) -> None:
    terminal = on_terminal("submit", "idle", "n=90", "--wait")
    terminal.wait_for(lambda text: "0:00:02" in text and "no worker" in text)
    terminal.process.send_signal(signal.SIGINT)
    code, out = terminal.end()
    assert (code, out) == (130, "")
    request_id = re.findall(r"submitted as (\S+)", terminal.text)[0]
    told = " ".join(terminal.text.split())
    assert f"{request_id} goes on: see it with" in told
    assert f"`batchwell status {request_id} --follow`" in told
    assert client.cancel(request_id).status == "cancelled"


def test_ctrl_c_needs_no_terminal(env: dict[str, str], client: Client) -> None:
    process = subprocess.Popen(
        [*INTERRUPTIBLE, BATCHWELL, "submit", "idle", "n=91", "--wait"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    request_id = process.stderr.readline().split()[-1]
    assert process.stderr.readline().startswith("pending: ")
    process.send_signal(signal.SIGINT)
    out, told = process.communicate(timeout=_SECONDS)
    assert (process.returncode, out) == (130, "")
    assert told.splitlines()[-1].startswith(f"{request_id} goes on: see it with")
    client.cancel(request_id)


def test_ctrl_c_outside_a_wait_is_quiet(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [*INTERRUPTIBLE, BATCHWELL, "computations"],
            env={**env, "BATCHWELL_URL": url},
            stderr=subprocess.PIPE,
        )
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGINT)
            _, told = process.communicate(timeout=_SECONDS)
    assert (process.returncode, told) == (130, b"")
