"""Load on a running system whose processes are killed: ``python -m tests.acceptance.fault_load``.

Requests come over HTTP at a steady pace; meanwhile one process after another is killed with
SIGKILL, in an order that a seed decides. In the end each acknowledged request must have its one
right end, and the number of computations must be explained by the kills.
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import requests
from redis import Redis

from batchwell import keys
from tests.acceptance.fault_report import Asked, Report, is_to_fail
from tests.acceptance.running_system import CHECKOUT, RunningSystem
from tests.acceptance.victims import KINDS, Victims

DAGS = Path(__file__).parent / "dags"
DAG_FILES = ("computations/squared.py", "recompute_squared.py", "recompute_pondered.py")
PACE = 22.0
"""Requests a second."""
PAUSE_SECONDS = (1.0, 4.0)
SETTLE_SECONDS = 120.0
_SHARE_OF_DOUBLE_FAULTS = 0.25
_RECOVERY_SECONDS = 30.0
_PATIENCE_SECONDS = 90.0
_SUBMITTERS = 4
_LOOK_SECONDS = 10.0
_REMEMBERED = 10_000


class FaultLoad:
    """One load with kills on a running system, whose processes have ``trace`` as FAULT_TRACE."""

    def __init__(self, system: RunningSystem, trace: Path, *, seed: int) -> None:
        self.report = Report(seed)
        self._system = system
        self._trace = trace
        self._chance = random.Random(seed)
        self._victims = Victims(system.home, self._chance)
        self._salt = secrets.token_hex(4)
        self._lock = threading.Lock()
        self._open: list[Asked] = []
        self._ended: deque[Asked] = deque(maxlen=_REMEMBERED)
        self._sessions: dict[int, requests.Session] = {}
        self._all_submitted = threading.Event()

    def run(self, count: int, say: Callable[[object], None]) -> Report:
        """Submit ``count`` requests at the pace while killing; then wait until all have ended."""
        numbers, started = iter(range(count)), time.monotonic()
        with ThreadPoolExecutor(_SUBMITTERS + 1) as pool:
            submitters = [pool.submit(self._submit, numbers, started) for _ in range(_SUBMITTERS)]
            killer = pool.submit(self._kill)
            try:
                while not all(submitter.done() for submitter in submitters):
                    wait(submitters, timeout=_LOOK_SECONDS)
                    self._look()
                    say(self.report)
            finally:
                self._all_submitted.set()
            for future in (*submitters, killer):
                future.result()
        self._settle()
        say(self.report)
        for session in self._sessions.values():
            session.close()
        return self.report

    def _submit(self, numbers: Iterator[int], started: float) -> None:
        while True:
            with self._lock:
                n = next(numbers, None)
            if n is None:
                return
            time.sleep(max(0.0, started + n / PACE - time.monotonic()))
            body = {"params": {"n": n, "salt": self._salt}}
            code, document = self._ask("POST", "computations/squared/requests", body)
            # After a lost reply the value may be there already: then its result tells the request.
            asked = Asked(document["request" if code == 200 else "id"], n)
            with self._lock:
                self.report.requests += 1
                self._open.append(asked)

    def _kill(self) -> None:
        """Kill one process after another, each kind in its turn, until all is submitted."""
        order: list[str] = []
        while not self._all_submitted.wait(self._chance.uniform(*PAUSE_SECONDS)):
            order += self._chance.sample(KINDS, len(KINDS)) if len(order) < len(KINDS) else ()
            # A kind that does not live now, as a worker that has yet to come, has its turn later.
            kind = next((kind for kind in order if self._victims.kill(kind)), None)
            if kind is not None:
                order.remove(kind)
                self.report.kills[kind] += 1
            if self._chance.random() > _SHARE_OF_DOUBLE_FAULTS:
                self._await_worker()

    def _await_worker(self) -> None:
        """Give the system time to come back to its work, so that the next kill hits some."""
        give_up_at = time.monotonic() + _RECOVERY_SECONDS
        while time.monotonic() < give_up_at and not self._victims.find("drain worker"):
            if self._all_submitted.wait(0.25):
                return

    def _look(self) -> None:
        """See which requests have ended, and how."""
        with self._lock:
            asked, self._open = self._open, []
        still_open = [one for one in asked if not self._has_ended(one)]
        with self._lock:
            self._open = still_open + self._open
        with (self._trace / "calls").open() as lines:
            calls = Counter(tuple(line.split()) for line in lines)
        self.report.extra_computations = sum(
            max(0, count - calls["raised", n] - 1)
            for (what, n), count in calls.items()
            if what == "called"
        )

    def _has_ended(self, asked: Asked) -> bool:
        """Judge a request; True when there is no more to wait for."""
        code, document = self._ask("GET", f"requests/{asked.id}")
        if code == 404:
            self.report.lost.append(f"{asked.id} ({asked.n}) is unknown")
            return True
        if document["status"] in ("pending", "running"):
            return False
        if fault := asked.fault(document):
            self.report.wrong.append(fault)
        self.report.ended += 1
        self._ended.append(asked)
        return True

    def _settle(self) -> None:
        """Wait until all have ended, see that they stay so, and that nothing is left over."""
        started = time.monotonic()
        while self._open and time.monotonic() < started + SETTLE_SECONDS:
            self._look()
            time.sleep(0.5)
        self.report.settle_seconds = time.monotonic() - started
        self.report.lost += [f"{one.id} ({one.n}) has not ended" for one in self._open]
        for asked in self._ended:
            code, document = self._ask("GET", f"requests/{asked.id}")
            fault = "is gone" if code == 404 else asked.fault(document)
            if fault:
                self.report.wrong.append(f"ended, and then: {asked.id} {fault}")
        self._look()
        self.report.left = self._leftovers()

    def _leftovers(self) -> dict[str, int]:
        """Count what the store holds of requests that have not ended, or have ended twice."""
        root = keys.root("bw", "squared")
        with Redis.from_url((self._system.home / "redis.url").read_text().strip()) as redis:
            left = {
                name: int(redis.execute_command("ZCARD", f"{root}:{name}"))
                for name in ("queue", "delayed", "deadlines", "leases")
            }
            left["active"] = int(redis.execute_command("HLEN", f"{root}:active"))
            succeeded = int(redis.execute_command("HGET", f"{root}:meta", "succeeded"))
        once = sum(not is_to_fail(n) for n in range(self.report.requests))
        return left | {"succeeded twice": succeeded - once}

    def _ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """Ask the web app, again and again while it or its store is away."""
        thread = threading.get_ident()
        http = self._sessions.get(thread) or self._sessions.setdefault(thread, requests.Session())
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                answer = http.request(
                    method, f"{self._system.web}/api/v1/{path}", json=body, timeout=10
                )
                if answer.status_code < 500:
                    return answer.status_code, answer.json()
                failure = f"{answer.status_code} {answer.text}"
                if answer.status_code != 503:
                    self.report.wrong.append(f"{method} {path}: {failure}")
            except requests.RequestException as error:
                failure = str(error)
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{method} {path}: {failure}")
            time.sleep(0.1)


def start_system(folder: Path) -> tuple[RunningSystem, Path]:
    """Start a system on ``folder`` that has the fault tests' DAGs; return it with its trace."""
    dags, trace = folder / "dags", folder / "trace"
    (dags / "computations").mkdir(parents=True)
    trace.mkdir()
    (trace / "calls").touch()
    for name in DAG_FILES:
        shutil.copyfile(DAGS / name, dags / name)
    for name in (".airflowignore", "computations/__init__.py"):
        shutil.copyfile(CHECKOUT / "dags" / name, dags / name)
    durable = os.environ.get("BATCHWELL_DURABLE", "1")
    system = RunningSystem(folder / "home", dags, FAULT_TRACE=str(trace), BATCHWELL_DURABLE=durable)
    system.start()
    return system, trace


def main() -> int:
    """Run for SECONDS, with SEED or one that chance gives; 1 if anything was lost or wrong."""
    if len(sys.argv) not in (2, 3) or not all(word.isdigit() for word in sys.argv[1:]):
        print("usage: scripts/soak SECONDS [SEED]", file=sys.stderr)
        return 2
    seconds = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) == 3 else random.SystemRandom().randrange(10**6)
    folder = Path(tempfile.mkdtemp(prefix="batchwell-soak-"))
    print(f"seed {seed}: starting a system in {folder}", flush=True)
    system, trace = start_system(folder)
    started = time.monotonic()

    def say(report: object) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {report}", flush=True)

    try:
        report = FaultLoad(system, trace, seed=seed).run(round(seconds * PACE), say)
    finally:
        system.stop()
    for told in (*report.lost, *report.wrong):
        print(told)
    if not report.is_good:
        print(f"left over: {report.left}; logs and data: {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
