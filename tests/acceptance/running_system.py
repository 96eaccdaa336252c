"""The real thing: ``scripts/up`` with its own home and ports, driven over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psutil
import requests

from tests.servers import free_port

CHECKOUT = Path(__file__).parents[2]
START_SECONDS = 180.0
STOP_SECONDS = 40.0
TIMEOUT_SECONDS = 30.0

T = TypeVar("T")


def wait_for(what: str, probe: Callable[[], T | None], seconds: float = 60.0) -> T:
    """Return the first true answer of ``probe``; fail after ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < deadline, f"no {what} within {seconds:g} seconds"
        time.sleep(0.1)


class RunningSystem:
    """Store, Airflow and web app of one home; started and stopped as a user does."""

    def __init__(self, home: Path, dags_folder: Path, **env: str) -> None:
        """Prepare to start on an empty or an earlier ``home``; ``env`` is for all its processes."""
        self.home = home
        self.dags_folder = dags_folder
        port, airflow_port = free_port(), free_port()
        self.web = f"http://127.0.0.1:{port}"
        self.airflow = f"http://127.0.0.1:{airflow_port}"
        self.http = requests.Session()
        self._env = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "BATCHWELL_HOME": str(home),
            "BATCHWELL_PORT": str(port),
            "AIRFLOW_PORT": str(airflow_port),
            "BATCHWELL_DAGS_FOLDER": str(dags_folder),
            **env,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Run ``scripts/up`` until it says that all is ready; return the seconds that took."""
        started = time.monotonic()
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                [CHECKOUT / "scripts" / "up"],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while "ready;" not in self.said:
            ended = self._process.poll() is not None
            assert not ended, f"scripts/up ended:\n{self.said}\n{self.logs()}"
            assert time.monotonic() - started < START_SECONDS, self.said
            time.sleep(0.1)
        return time.monotonic() - started

    @property
    def said(self) -> str:
        """What ``scripts/up`` has printed since its start."""
        return self._output.read_text()

    @property
    def _output(self) -> Path:
        return self.home.with_name(f"{self.home.name}.out")

    def stop(self) -> None:
        """Press Ctrl-C; check that it ends well and leaves no process behind."""
        process = self._process
        if process is None:
            return
        self._process = None
        family = psutil.Process(process.pid).children(recursive=True)
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=STOP_SECONDS)
        finally:
            process.kill()
        assert process.returncode == 0, self.said
        _, alive = psutil.wait_procs(family, timeout=5)
        assert not alive, f"left running: {alive}"

    def logs(self) -> str:
        """Return the ends of all logs, to be read after a failure."""
        files = sorted((self.home / "logs").glob("*.log"))
        return "\n".join(f"== {file.name}\n{file.read_text()[-1500:]}" for file in files)

    def submit(self, name: str, params: dict[str, Any], **more: Any) -> requests.Response:
        """Post a request."""
        url = f"{self.web}/api/v1/computations/{name}/requests"
        return self.http.post(url, json={"params": params, **more}, timeout=TIMEOUT_SECONDS)

    def finished(self, location: str, seconds: float = 60.0) -> dict[str, Any]:
        """Return the request's document once it has ended."""

        def probe() -> dict[str, Any] | None:
            document: dict[str, Any] = self.get(location).json()
            return document if document["status"] not in ("pending", "running") else None

        return wait_for(f"end of {location}", probe, seconds)

    def get(self, path: str) -> requests.Response:
        """Get a path of the web app."""
        return self.http.get(f"{self.web}{path}", timeout=TIMEOUT_SECONDS)

    def airflow_api(self, path: str, body: Any = None) -> Any:
        """Get, or post a body, to Airflow's REST API."""
        token = self.http.get(f"{self.airflow}/auth/token", timeout=TIMEOUT_SECONDS).json()[
            "access_token"
        ]
        answer = self.http.request(
            "GET" if body is None else "POST",
            f"{self.airflow}/api/v2/{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
        )
        assert answer.ok, answer.text
        return answer.json()

    def runs(self, name: str) -> list[dict[str, Any]]:
        """Return Airflow's runs of a computation's DAG."""
        found: list[dict[str, Any]] = self.airflow_api(f"dags/recompute_{name}/dagRuns")["dag_runs"]
        return found
