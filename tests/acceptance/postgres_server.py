"""A PostgreSQL server with its data in a folder, made of what Debian installs."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.acceptance.running_system import wait_for
from tests.servers import free_port

NEVER_ROOT = "nobody"


def find_programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, None where there are none."""
    folders = [file.parent for file in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if not folders and (found := shutil.which("initdb")):
        folders = [Path(found).resolve().parent]
    return max(folders, default=None)


class PostgresServer:
    """One database, `postgres`, for its one user `airflow` on loopback."""

    def __init__(self, programs: Path, password: str) -> None:
        """Make the database; nothing of it outlives `stop`, nor a crash of the machine."""
        self.port = free_port()
        self._programs = programs
        # Not in a test's own folder: that is root's, which the server refuses to be.
        self._folder = Path(tempfile.mkdtemp(prefix="batchwell-postgres-"))
        (self._folder / "password").write_text(password)
        if os.getuid() == 0:
            self._user: str | None = NEVER_ROOT
            owner = pwd.getpwnam(NEVER_ROOT)
            for path in (self._folder, self._folder / "password"):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        else:
            self._user = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it serves."""
        data, password = str(self._folder / "data"), str(self._folder / "password")
        words = ["--username=airflow", f"--pwfile={password}", "--auth=scram-sha-256", "--no-sync"]
        self._run("initdb", f"--pgdata={data}", *words).check_returncode()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self._folder),
            "fsync": "off",
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", data, *settings],
                user=self._user,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        words = ["--quiet", "--host=127.0.0.1", f"--port={self.port}", "--username=airflow"]
        wait_for("PostgreSQL", lambda: self._run("pg_isready", *words).returncode == 0, 30)

    def stop(self) -> None:
        """End it without waiting for its clients, and remove its data."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=20)
        shutil.rmtree(self._folder)

    def _run(self, program: str, *words: str) -> subprocess.CompletedProcess[bytes]:
        command = [str(self._programs / program), *words]
        return subprocess.run(
            command, user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL, check=False
        )
