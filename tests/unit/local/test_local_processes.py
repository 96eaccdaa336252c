import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from batchwell.local.home import CannotStart
from batchwell.local.processes import Service, Supervisor
from batchwell.local.sessions import Leader, end_sessions, list_members

# Ignores SIGTERM, and so does its child, which has left the process group as Airflow's tasks do.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setpgid(0, 0)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "logs").mkdir()
    return tmp_path


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(home: Path, said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(home, said.append)
    yield supervisor
    supervisor.end([({"sleeper", "stubborn"}, 0.1)], lambda: True)


def python(name: str, code: str) -> Service:
    return Service(name=name, command=[sys.executable, "-S", "-c", code], env=dict(os.environ))


def sleeper() -> Service:
    return Service(name="sleeper", command=["sleep", "60"], env=dict(os.environ))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5.0
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def leader_of(supervisor: Supervisor) -> Leader:
    return supervisor.processes[0].leader


def test_stubborn_session_dies_with_its_grandchildren(home: Path, supervisor: Supervisor) -> None:
    supervisor.start(python("stubborn", STUBBORN))
    log = home / "logs" / "stubborn.log"
    wait_for(lambda: log.read_text().count("ready") == 2)
    leader = leader_of(supervisor)
    assert len(list_members(leader)) == 2
    end_sessions([leader], grace_seconds=0.1)
    assert list_members(leader) == []


def test_polite_session_ends_at_the_first_signal(supervisor: Supervisor) -> None:
    supervisor.start(sleeper())
    before = time.monotonic()
    end_sessions([leader_of(supervisor)], grace_seconds=20.0)
    assert time.monotonic() - before < 5.0


def test_dead_process_is_started_again(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(sleeper())
    first = leader_of(supervisor)
    os.kill(first.pid, signal.SIGKILL)
    wait_for(lambda: supervisor.processes[0].exit_code is not None)
    supervisor.watch(starting=False)
    supervisor.watch(starting=False)
    assert leader_of(supervisor) != first
    assert supervisor.processes[0].exit_code is None
    assert said == ["sleeper ended (-9): starting it in 0 s"]


def test_restarts_are_spaced_further_and_further(supervisor: Supervisor) -> None:
    supervisor.start(sleeper())
    process = supervisor.processes[0]
    assert [process.bury() for _ in range(7)] == [0.0, 1.0, 3.0, 7.0, 15.0, 30.0, 30.0]


def test_process_that_cannot_live_stops_the_start(home: Path, supervisor: Supervisor) -> None:
    supervisor.start(python("sleeper", "raise SystemExit(3)"))
    supervisor.processes[0].deaths = 2
    wait_for(lambda: supervisor.processes[0].exit_code is not None)
    with pytest.raises(CannotStart, match=r"sleeper does not start: see .*sleeper\.log"):
        supervisor.watch(starting=True)


def test_failed_command_is_told_with_its_log(supervisor: Supervisor) -> None:
    with pytest.raises(CannotStart, match=r"migrate failed \(3\): see .*migrate\.log"):
        supervisor.run_once(python("migrate", "raise SystemExit(3)"), lambda: time.sleep(0.01))


def test_leftovers_of_a_killed_supervisor_are_ended(home: Path, supervisor: Supervisor) -> None:
    supervisor.start(sleeper())
    leader = leader_of(supervisor)
    Supervisor(home, lambda _sentence: None).end_leftovers()
    assert list_members(leader) == []


def test_leftovers_are_found_after_their_leader_died(supervisor: Supervisor) -> None:
    supervisor.start(python("stubborn", STUBBORN))
    leader = leader_of(supervisor)
    wait_for(lambda: len(list_members(leader)) == 2)
    os.kill(leader.pid, signal.SIGKILL)
    wait_for(lambda: len(list_members(leader)) == 1)
    end_sessions([leader], grace_seconds=0.1)
    assert list_members(leader) == []


def test_pid_that_was_used_again_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        leader = Leader.of(stranger.pid)
        assert [member.pid for member in list_members(leader)] == [stranger.pid]
        end_sessions([replace(leader, started=leader.started - 3600)], grace_seconds=0.1)
        end_sessions([replace(leader, started=leader.started + 3600)], grace_seconds=0.1)
        assert psutil.pid_exists(stranger.pid)
        stranger.kill()
