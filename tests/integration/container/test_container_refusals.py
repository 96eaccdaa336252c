"""What cannot work ends with one sentence that says what to do: the entry point of the images."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from batchwell.container.problems_at_start import await_store
from batchwell.errors import StoreUnavailable
from tests.servers import GuardedServer, StoreServer, free_port

SECRET = "abcdefghijklmnopqrstuvwxyz0123456789"
SECRETS = (
    "DATABASE_PASSWORD",
    "BROKER_PASSWORD",
    "AIRFLOW_PASSWORD",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "BATCHWELL_SECRET_KEY",
    "BATCHWELL_FIRST_TOKEN",
)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A loopback port on which another listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        yield port


@pytest.fixture
def env(server: StoreServer, tmp_path: Path) -> dict[str, str]:
    """An environment in which each role can start."""
    return dict.fromkeys(SECRETS, SECRET) | {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(tmp_path),
        "BATCHWELL_HOME": str(tmp_path),
        "BATCHWELL_REDIS_URL": server.url,
        "BATCHWELL_PORT": str(free_port()),
    }


def refused(role: str, env: dict[str, str]) -> str:
    """Run a role, which must end by itself; return its one sentence."""
    done = subprocess.run(
        [sys.executable, "-m", "batchwell.container", role],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert len(lines) == 1, done.stdout
    assert lines[0].startswith(f"batchwell: {role}: ")
    return lines[0]


@pytest.mark.parametrize(
    ("role", "secret"),
    [
        ("web", "BATCHWELL_SECRET_KEY"),
        ("first-token", "BATCHWELL_FIRST_TOKEN"),
        ("airflow-init", "AIRFLOW_PASSWORD"),
    ],
)
def test_weak_secret(role: str, secret: str, env: dict[str, str]) -> None:
    assert f"{secret} is too weak: remove its line from .env and run scripts/secrets" in refused(
        role, env | {secret: "short"}
    )
    assert f"{secret} is missing: " in refused(
        role, {name: value for name, value in env.items() if name != secret}
    )


@pytest.mark.parametrize(
    ("role", "setting"), [("web", "BATCHWELL_PORT"), ("api-server", "AIRFLOW__API__PORT")]
)
def test_port_in_use(role: str, setting: str, env: dict[str, str], taken_port: int) -> None:
    sentence = refused(role, env | {setting: str(taken_port), "AIRFLOW__API__HOST": "127.0.0.1"})
    assert sentence.endswith(
        f"(Address already in use): set {setting} to another, or end what has it"
    )


@pytest.mark.parametrize("role", ["web", "first-token", "airflow-init"])
def test_wrong_password_of_the_store(
    role: str, env: dict[str, str], guarded_server: GuardedServer
) -> None:
    url = guarded_server.url.replace("//", "//:nonsense@")
    token = {"BATCHWELL_FIRST_TOKEN": f"bw_{SECRET}"}
    assert "the store refuses" in refused(role, env | token | {"BATCHWELL_REDIS_URL": url})


def test_store_that_does_not_answer() -> None:
    with pytest.raises(
        StoreUnavailable, match=r"\(for 0.1 seconds\): see 'docker compose logs store'$"
    ):
        await_store(f"redis://127.0.0.1:{free_port()}/0", seconds=0.1)


def test_volume_of_another_user(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    # Once it has its modules: another user may not be able to read them.
    code = """if True:
        import os, sys
        from pathlib import Path
        from batchwell.container.problems_at_start import CannotStart, check_writable
        if os.getuid() == 0:
            os.setuid(65534)
        try:
            check_writable(Path(sys.argv[1]))
        except CannotStart as error:
            print(error, end="")
    """
    told = subprocess.check_output([sys.executable, "-c", code, str(tmp_path)], text=True)
    user = os.getuid() or 65534
    assert told.startswith(f"the volume at {tmp_path} belongs to another user: ")
    assert f"--volume NAME:{tmp_path} IMAGE -R {user} {tmp_path}'" in told


def test_database_of_a_newer_airflow(env: dict[str, str], tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "airflow.db") as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('of-the-future')")
    database.close()
    url = f"sqlite:///{tmp_path / 'airflow.db'}"
    sentence = refused("airflow-init", env | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url})
    assert "made by a newer version of Airflow: run the image that made it, or restore" in sentence
