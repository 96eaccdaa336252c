"""Sessions of processes: who belongs to one, and ending all of it.

A supervised process leads a session of its own. Airflow's tasks leave its process group but
not its session, so that the session is what must be ended, grandchildren included.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

import psutil

CLOCK_STEP_SECONDS = 2.0  # start times move a little when the wall clock is corrected


@dataclass(frozen=True, kw_only=True)
class Leader:
    """The first process of a session; its start time tells it from a later user of its pid."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Leader:
        """Return the running process as a leader; raise `psutil.NoSuchProcess` when it is gone."""
        return cls(pid=pid, started=psutil.Process(pid).create_time())


def list_members(leader: Leader) -> list[psutil.Process]:
    """Return the living processes of the session, also after its leader died."""
    members = [process for pid in psutil.pids() if (process := _member(pid, leader.pid))]
    for process in members:
        with suppress(psutil.NoSuchProcess):
            age = process.create_time() - leader.started
            oldest, youngest = -CLOCK_STEP_SECONDS, CLOCK_STEP_SECONDS
            if age < oldest or (process.pid == leader.pid and age > youngest):
                return []  # the pid was used again: not our session
    return members


def end_sessions(
    leaders: Iterable[Leader], *, grace_seconds: float, hurry: Callable[[], bool] = lambda: False
) -> None:
    """End whole sessions: SIGTERM, again at half the grace, SIGKILL after it, or in a hurry.

    Airflow's scheduler takes the first SIGTERM as "when the tasks are done", the second as "now".
    """
    leaders = list(leaders)
    half = grace_seconds / 2
    for number, seconds in ((signal.SIGTERM, half), (signal.SIGTERM, half), (signal.SIGKILL, 2.0)):
        for process in _members_of(leaders):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not (number == signal.SIGTERM and hurry()):
            if not _members_of(leaders):
                return
            time.sleep(0.05)


def _members_of(leaders: Iterable[Leader]) -> list[psutil.Process]:
    return [process for leader in leaders for process in list_members(leader)]


def _member(pid: int, session: int) -> psutil.Process | None:
    with suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
        if os.getsid(pid) == session:
            process = psutil.Process(pid)
            return process if process.status() != psutil.STATUS_ZOMBIE else None
    return None
