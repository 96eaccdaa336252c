import socket
import stat
from pathlib import Path

import pytest

from batchwell.local.home import CannotStart, check_ports, lock_home, read_secrets, write_private
from tests.servers import free_port


def test_port_in_use_is_named_with_the_variable_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"port {port} is in use: set AIRFLOW_PORT"):
            check_ports({"BATCHWELL_PORT": free_port(), "AIRFLOW_PORT": port})


def test_one_port_for_two_servers_is_refused() -> None:
    with pytest.raises(CannotStart, match="BATCHWELL_PORT and AIRFLOW_PORT are both 8000"):
        check_ports({"BATCHWELL_PORT": 8000, "AIRFLOW_PORT": 8000})


def test_free_ports_are_accepted() -> None:
    check_ports({"BATCHWELL_PORT": free_port()})


def test_second_start_on_a_home_says_who_runs_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with lock_home(home), pytest.raises(CannotStart, match=r"already running \(pid \d+\)"):
        lock_home(home)
    lock_home(home).close()


def test_home_and_its_secrets_are_private_and_stay(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lock_home(home).close()
    keys = read_secrets(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600
    assert read_secrets(home) == keys


def test_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="BATCHWELL_HOME"):
        lock_home(tmp_path / "file" / "home")


def test_private_file_replaces_a_readable_one(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    write_private(path, "new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
