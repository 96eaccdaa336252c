"""docker-compose.yaml's processes without containers: CeleryExecutor, PostgreSQL, two workers.

They run by the entry point of the images, in the environment of the compose file. Different are
the addresses, and Airflow's login, whose packages do not go with those of the web app.
"""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import requests

from batchwell.compute_process import NICENESS
from batchwell.local.processes import Service, SupervisedProcess
from batchwell.local.sessions import end_sessions, list_members
from tests.acceptance.compose_environment import environment_of, write_secrets
from tests.acceptance.postgres_server import PostgresServer
from tests.acceptance.running_system import wait_for
from tests.packages import packages_of
from tests.servers import CHECKOUT, GuardedServer, StoreServer, free_port, installed_servers

DAGS = Path(__file__).parent / "dags"
REQUIREMENTS = Path(__file__).with_name("requirements-celery.txt")
DAG_FILES = ("computations/weighed.py", "recompute_weighed.py")
WORKERS = ("worker-1", "worker-2")
# airflow-init without its administrator, who belongs to the login.
ONCE = {"first-token": ["first-token"], "airflow-init": ["airflow", "db", "migrate"]}
ROLES = {
    "webapp": ["web"],
    **{name: [name] for name in ("api-server", "scheduler", "dag-processor", "triggerer")},
    # Two on one host need two names.
    **{
        name: ["airflow", "celery", "worker", "--skip-serve-logs", "--celery-hostname", name]
        for name in WORKERS
    },
}


class CelerySystem:
    """All of it on loopback, with its data in a folder."""

    def __init__(self, folder: Path, postgres_programs: Path) -> None:
        """Prepare to start on an empty folder."""
        for name in ("store", "broker", "logs", "airflow-logs"):
            (folder / name).mkdir()
        self._folder = folder
        self._dotenv = write_secrets(folder) | dict(GuardedServer.PASSWORDS.values())
        self._dotenv["WORKER_CONCURRENCY"] = "1"
        valkey = installed_servers()["valkey"]
        self._store = GuardedServer(valkey, folder / "store")
        rule = f"user default on >{self._dotenv['BROKER_PASSWORD']} ~* &* +@all\n"
        self._broker = StoreServer(valkey, folder / "broker", acl=rule)
        self._database = PostgresServer(postgres_programs, self._dotenv["DATABASE_PASSWORD"])
        self._web_port, self._airflow_port = free_port(), free_port()
        self.web = f"http://127.0.0.1:{self._web_port}"
        self._processes: dict[str, SupervisedProcess] = {}
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {self._dotenv['BATCHWELL_FIRST_TOKEN']}"

    def start(self) -> None:
        """Start it in the order of compose: the servers, what is to be done once, the rest."""
        (self._folder / "dags" / "computations").mkdir(parents=True)
        for name in DAG_FILES:
            shutil.copyfile(DAGS / name, self._folder / "dags" / name)
        for name in (".airflowignore", "computations/__init__.py"):
            shutil.copyfile(CHECKOUT / "dags" / name, self._folder / "dags" / name)
        for server in (self._store, self._broker, self._database):
            server.start()
        for name, command in ONCE.items():
            self._start(name, command)
        wait_for("end of what is done once", self._is_prepared)
        for name, command in ROLES.items():
            self._start(name, command)
        wait_for("system", self._is_ready, 120)

    def stop(self) -> None:
        """End all of it."""
        leaders = [process.leader for process in self._processes.values()]
        end_sessions(leaders, grace_seconds=3.0)
        for process in self._processes.values():
            process.reap()
        for server in (self._database, self._broker, self._store):
            server.stop()

    def kill(self, worker: str) -> None:
        """Kill each process of a worker, as a crash of its host does."""
        for process in list_members(self._processes[worker].leader):
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def computes(self, worker: str) -> bool:
        """Tell whether a worker computes: a child has a lower priority than its parent then."""
        with suppress(psutil.NoSuchProcess):
            members = list_members(self._processes[worker].leader)
            return any(
                process.nice() == min(19, parent.nice() + NICENESS)
                for process in members
                if (parent := process.parent())
            )
        return False

    def submit(self, computation: str, params: dict[str, Any]) -> str:
        """Ask for a value; return where the request can be looked at."""
        path = f"/api/v1/computations/{computation}/requests"
        answer = self._http.post(f"{self.web}{path}", json={"params": params}, timeout=10)
        assert answer.status_code == 202, answer.text
        return answer.headers["Location"]

    def look(self, path: str) -> dict[str, Any]:
        """Return what is at a path of the web app."""
        answer = self._http.get(f"{self.web}{path}", timeout=10)
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def logs(self) -> str:
        """Return the ends of all logs, to be read after a failure."""
        files = sorted((self._folder / "logs").glob("*.log"))
        return "\n".join(f"== {file.name}\n{file.read_text()[-1500:]}" for file in files)

    def _start(self, name: str, command: list[str]) -> None:
        words = [sys.executable, "-m", "batchwell.container", *command]
        service = Service(name=name, command=words, env=self._environment(name))
        self._processes[name] = SupervisedProcess(service, self._folder / "logs")

    def _environment(self, name: str) -> dict[str, str]:
        told = environment_of("worker" if name in WORKERS else name, self._dotenv)
        for address, ours in self._addresses().items():
            told = {variable: text.replace(address, ours) for variable, text in told.items()}
        home = self._folder / "homes" / name
        home.mkdir(parents=True)
        env = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(home),
            "BATCHWELL_HOME": str(home),
            "BATCHWELL_DAGS_FOLDER": str(self._folder / "dags"),
            "BATCHWELL_PORT": str(self._web_port),
        }
        return told | env | (self._of_airflow(home) if "AIRFLOW__CORE__EXECUTOR" in told else {})

    def _addresses(self) -> dict[str, str]:
        """Return what stands for each name on compose's network."""
        store = self._store.port
        return {
            "@store:6379/": f"@127.0.0.1:{store}/",
            '"host": "store", "port": 6379': f'"host": "127.0.0.1", "port": {store}',
            "@broker:6379/": f"@127.0.0.1:{self._broker.port}/",
            "@database/airflow": f"@127.0.0.1:{self._database.port}/postgres",
            "http://api-server:8080": self._airflow_url,
        }

    def _of_airflow(self, home: Path) -> dict[str, str]:
        """Return what the image says, the ports, and what stands for the login."""
        return {
            "PYTHONPATH": str(packages_of(REQUIREMENTS)),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self._folder / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(CHECKOUT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self._folder / "airflow-logs"),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self._airflow_port),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__CORE__AUTH_MANAGER": "airflow.api_fastapi.auth.managers.simple."
            "simple_auth_manager.SimpleAuthManager",
        }

    @property
    def _airflow_url(self) -> str:
        return f"http://127.0.0.1:{self._airflow_port}"

    def _is_prepared(self) -> bool:
        codes = {self._processes[name].exit_code for name in ONCE}
        assert codes <= {0, None}, self.logs()
        return codes == {0}

    def _is_ready(self) -> bool:
        dead = [name for name in ROLES if self._processes[name].exit_code is not None]
        assert not dead, f"{dead} ended:\n{self.logs()}"
        try:
            alive = self._http.get(f"{self.web}/healthz", timeout=5).ok
            health = self._http.get(f"{self._airflow_url}/api/v2/monitor/health", timeout=5).json()
        except requests.RequestException:
            return False
        parts = ("scheduler", "triggerer", "dag_processor")
        return alive and all(health[part]["status"] == "healthy" for part in parts)
