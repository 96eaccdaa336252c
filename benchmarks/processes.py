"""Programs that a benchmark runs: started, held, ended, each with its children and its log."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.waiting import wait_until

_STOP_SECONDS = 15.0


class Program:
    """One program in a session of its own."""

    def __init__(self, command: Sequence[str | Path], env: Mapping[str, str], log: Path) -> None:
        """Start it; what it prints goes to the end of the log."""
        self.name = Path(command[0]).name
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(map(str, command)),
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def wait_until(self, what: str, probe: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait for the probe; raise with the end of the log when the program ends before."""

        def alive_and_ready() -> bool:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self.name} has ended: {self.log.read_text()[-2000:]}")
            return probe()

        try:
            wait_until(what, alive_and_ready, seconds)
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {self.log.read_text()[-2000:]}") from None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and all that it started in its session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def stop(self) -> None:
        """Ask it to end, and end it and its children if it does not."""
        if self._process.poll() is None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_SECONDS)
        self.signal(signal.SIGKILL)
        self._process.wait()


@contextmanager
def running(programs: Sequence[Program]) -> Iterator[None]:
    """End the programs when the block ends."""
    try:
        yield
    finally:
        for program in programs:
            program.stop()


@contextmanager
def held(programs: Sequence[Program]) -> Iterator[None]:
    """Keep the programs from running for the length of the block, their connections open."""
    for program in programs:
        program.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for program in programs:
            program.signal(signal.SIGCONT)
