"""Whom a fault test kills: the processes of one running system, found through its home."""

from __future__ import annotations

import random
from pathlib import Path

import psutil

from batchwell.compute_process import NICENESS
from batchwell.local.processes import read_record
from batchwell.local.sessions import Leader, list_members

SERVICES = {
    "store": "valkey",
    "web server": "web",
    "scheduler": "scheduler",
    "triggerer": "triggerer",
    "api-server": "api-server",
    "dag-processor": "dag-processor",
}
KINDS = ("drain worker", "compute process", "web worker", *SERVICES)


class Victims:
    """The processes of the system on ``home`` that a test may kill, by kind."""

    def __init__(self, home: Path, chance: random.Random) -> None:
        self._record = home / "processes.json"
        self._chance = chance

    def kill(self, kind: str) -> bool:
        """Kill one of the kind with SIGKILL; False when none lives."""
        process = self.find(kind)
        if process is None:
            return False
        try:
            process.kill()
        except psutil.NoSuchProcess:
            return False
        return True

    def find(self, kind: str) -> psutil.Process | None:
        """Return one living process of the kind."""
        found = self._list(kind)
        return (
            self._chance.choice(sorted(found, key=lambda process: process.pid)) if found else None
        )

    def _list(self, kind: str) -> list[psutil.Process]:
        leaders = read_record(self._record)
        try:
            if kind == "compute process":
                return _compute_processes(leaders["scheduler"])
            if kind == "drain worker":
                return [
                    worker
                    for child in _compute_processes(leaders["scheduler"])
                    if (worker := child.parent())
                ]
            if kind == "collector":
                tasks = list_members(leaders["scheduler"])
                return [one for one in tasks if not _is_compute(one) and _has_actions(one)]
            if kind == "web worker":
                leader = leaders["web"]
                return [one for one in list_members(leader) if one.pid != leader.pid]
            leader = leaders[SERVICES[kind]]
            return [one for one in list_members(leader) if one.pid == leader.pid]
        except psutil.NoSuchProcess:
            return []


def _has_actions(process: psutil.Process) -> bool:
    """Tell whether it has the database of actions open."""
    try:
        return any(file.path.endswith("/actions.db") for file in process.open_files())
    except psutil.Error:
        return False


def _compute_processes(scheduler: Leader) -> list[psutil.Process]:
    """Return the children of the drain workers: theirs is a lower priority than their parents'."""
    return [one for one in list_members(scheduler) if _is_compute(one)]


def _is_compute(process: psutil.Process) -> bool:
    worker = process.parent()
    return worker is not None and process.nice() == min(19, worker.nice() + NICENESS)
