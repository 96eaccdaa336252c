"""Supervised processes: each with its log file, started again when it dies, ended whole."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from batchwell.local.home import CannotStart, write_private
from batchwell.local.sessions import Leader, end_sessions

STABLE_SECONDS = 30.0  # a process that lived so long is started again at once
LONGEST_DELAY_SECONDS = 30.0
DEATHS_TOLERATED_AT_START = 3
LOG_BYTES_KEPT = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Service:
    """What to run: a name (also of its log), a command line and its whole environment."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]


class SupervisedProcess:
    """One service: running, or dead and due to be started again."""

    def __init__(self, service: Service, log_folder: Path) -> None:
        self.service = service
        self.log = log_folder / f"{service.name}.log"
        self.deaths = 0
        self.start()

    def start(self) -> None:
        """Start it, in a session of its own."""
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES_KEPT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.service.command,
                env=self.service.env,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.leader = Leader.of(self._popen.pid)
        self.due: float | None = None
        self._started = time.monotonic()

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._popen.poll()

    def reap(self) -> None:
        """Take leave of a process that was ended."""
        self._popen.wait()

    def bury(self) -> float:
        """End what a dead process left running; return the seconds until its next start."""
        end_sessions([self.leader], grace_seconds=4.0)
        lived = time.monotonic() - self._started
        self.deaths = 1 if lived > STABLE_SECONDS else self.deaths + 1
        delay = min(2.0 ** (self.deaths - 1) - 1.0, LONGEST_DELAY_SECONDS)
        self.due = time.monotonic() + delay
        return delay


class Supervisor:
    """The running services of one home, recorded there for whoever comes after a crash."""

    def __init__(self, home: Path, say: Callable[[str], None]) -> None:
        self._record = home / "processes.json"
        self._log_folder = home / "logs"
        self._say = say
        self.processes: list[SupervisedProcess] = []

    def end_leftovers(self) -> None:
        """End what an earlier supervisor of this home left running when it was killed."""
        if self._record.exists():
            self._say("ending what an earlier start left running")
            end_sessions(read_record(self._record).values(), grace_seconds=6.0)
            self._record.unlink()

    def start(self, service: Service) -> None:
        """Start the service and look after it from now on."""
        self.processes.append(SupervisedProcess(service, self._log_folder))
        self._write_record()

    def run_once(self, service: Service, tick: Callable[[], None]) -> None:
        """Run a command to its end, calling `tick`; raise `CannotStart` unless it succeeds."""
        process = SupervisedProcess(service, self._log_folder)
        self._write_record(process)
        try:
            while process.exit_code is None:
                tick()
        finally:
            end_sessions([process.leader], grace_seconds=4.0)
            self._write_record()
        if process.exit_code:
            raise CannotStart(f"{service.name} failed ({process.exit_code}): see {process.log}")

    def watch(self, *, starting: bool) -> None:
        """Start again what died; while `starting`, raise `CannotStart` for what cannot live."""
        for process in self.processes:
            if process.due is not None:
                if time.monotonic() >= process.due:
                    process.start()
                    self._write_record()
            elif (code := process.exit_code) is not None:
                delay = process.bury()
                if starting and process.deaths >= DEATHS_TOLERATED_AT_START:
                    raise CannotStart(f"{process.service.name} does not start: see {process.log}")
                self._say(f"{process.service.name} ended ({code}): starting it in {delay:.0f} s")

    def end(self, waves: Iterable[tuple[set[str], float]], hurry: Callable[[], bool]) -> None:
        """End the services wave by wave: their names, and the grace in seconds they get."""
        for names, grace_seconds in waves:
            wave = [process for process in self.processes if process.service.name in names]
            leaders = [process.leader for process in wave]
            end_sessions(leaders, grace_seconds=grace_seconds, hurry=hurry)
            for process in wave:
                process.reap()
        self._record.unlink(missing_ok=True)

    def _write_record(self, *more: SupervisedProcess) -> None:
        leaders = {
            process.service.name: asdict(process.leader) for process in [*self.processes, *more]
        }
        write_private(self._record, json.dumps(leaders))


def read_record(path: Path) -> dict[str, Leader]:
    """Return the leader of each service's session, by the service's name, as recorded."""
    return {name: Leader(**fields) for name, fields in json.loads(path.read_text()).items()}
