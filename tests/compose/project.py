"""The project under proof: a copy of the checkout, its own name, ports and secrets."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import requests

from tests.compose.shell import Failed, attempt, run, wait_for
from tests.servers import CHECKOUT, free_port

DAGS = Path(__file__).parent / "dags"
PATIENCE_SECONDS = 120.0
START_SECONDS = 480.0


class Project:
    """docker-compose.yaml, driven as its user does."""

    def __init__(self, compose: list[str], env: dict[str, str], folder: Path) -> None:
        """Copy what git knows of the checkout into ``folder``, and the DAG of the proof."""
        self.compose = compose
        self.folder = folder
        self.web_port, self.airflow_port = free_port(), free_port()
        self.env = env | {
            "COMPOSE_PROJECT_NAME": f"batchwell-proof-{self.web_port}",
            "BATCHWELL_PORT": str(self.web_port),
            "AIRFLOW_PORT": str(self.airflow_port),
            "WEBAPP_IMAGE": "batchwell-proof-webapp",
            "AIRFLOW_IMAGE": "batchwell-proof-airflow",
        }
        listed = run("git", "ls-files", "-z", env=env, folder=CHECKOUT)
        for name in filter(None, listed.split("\0")):
            if (CHECKOUT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, folder / name)
        shutil.copytree(DAGS, folder / "dags", dirs_exist_ok=True)
        self.http = requests.Session()

    def do(self, *words: str) -> str:
        """Run compose; raise `Failed` when it fails."""
        return run(*self.compose, *words, env=self.env, folder=self.folder)

    def attempt(self, *words: str) -> tuple[int, str]:
        """Run compose; return its exit code and what it said."""
        return attempt(*self.compose, *words, env=self.env, folder=self.folder)

    def docker(self, *words: str) -> str:
        """Run docker."""
        return run("docker", *words, env=self.env)

    def up(self, workers: int) -> float:
        """Bring it up, wait until all that has a health is healthy; return the seconds it took."""
        started = time.monotonic()
        self.do("up", "--detach", "--no-build", "--scale", f"worker={workers}")
        wait_for("healthy project", self._is_healthy, START_SECONDS)
        return time.monotonic() - started

    def _is_healthy(self) -> bool:
        states = self.docker("inspect", "--format", _STATE, *self.containers()).splitlines()
        return all(state in ("healthy", "exited 0") for state in states)

    def containers(self, service: str = "") -> list[str]:
        """Return the ids of the containers, ended ones included."""
        words = ["ps", "--all", "--quiet"]
        project = f"label=com.docker.compose.project={self.env['COMPOSE_PROJECT_NAME']}"
        words += ["--filter", project]
        if service:
            words += ["--filter", f"label=com.docker.compose.service={service}"]
        return self.docker(*words).split()

    def kill(self, container: str) -> float:
        """Kill each process of a container as a crash does; return the seconds until it is back.

        Not by `docker kill`, after which an engine starts nothing again: it takes that for a wish.
        """
        before, started = self._restarts(container), time.monotonic()
        attempt("docker", "exec", container, "sh", "-c", "kill -9 -1", env=self.env)
        wait_for("restart of what was killed", lambda: self._restarts(container) > before, 60)
        return time.monotonic() - started

    def _restarts(self, container: str) -> int:
        return int(self.docker("inspect", "--format", "{{.RestartCount}}", container))

    def secret(self, name: str) -> str:
        """Return what .env has."""
        lines = (self.folder / ".env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)[name]

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """Ask the web app, again and again while it or its store is away."""
        token = self.secret("BATCHWELL_FIRST_TOKEN")
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = self.http.request(
                    method,
                    f"http://127.0.0.1:{self.web_port}/api/v1/{path}",
                    json=body,
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=10,
                )
                if answer.status_code != 503:
                    return answer.status_code, answer.json()
                failure = answer.text
            except requests.RequestException as error:
                failure = str(error)
            if time.monotonic() > give_up_at:
                raise Failed(f"{method} {path}: {failure}")
            time.sleep(0.1)


_STATE = (
    '{{if eq .State.Status "exited"}}exited {{.State.ExitCode}}'
    "{{else}}{{with .State.Health}}{{.Status}}{{end}}{{end}}"
)
