"""The services beside the store: Airflow's four processes and the web app."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from pathlib import Path

from batchwell.local.processes import Service
from batchwell.settings import Settings
from batchwell.web_command import web_command

BIN = Path(sys.executable).parent
AIRFLOW_COMMANDS: dict[str, list[str]] = {
    "api-server": [],
    # The api-server reads the log files itself: no log servers on other ports.
    "scheduler": ["--skip-serve-logs"],
    "dag-processor": [],
    "triggerer": ["--skip-serve-logs"],
}
# In this order: tasks can still report to the api-server, then nothing needs the store.
STOP_WAVES = [
    ({"web", "scheduler", "dag-processor", "triggerer"}, 10.0),
    ({"api-server"}, 3.0),
    ({"valkey"}, 4.0),
]


def common_environment(environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """Return the environment of every process: the caller's, without what would mislead it."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("AIRFLOW_")
        and name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "GUNICORN_CMD_ARGS")
    }
    return kept | {
        "PATH": f"{BIN}:{environ.get('PATH', '/usr/bin:/bin')}",
        "BATCHWELL_HOME": str(settings.home),
        "BATCHWELL_REDIS_URL": settings.redis_url,
        "BATCHWELL_HOST": settings.host,
        "BATCHWELL_PORT": str(settings.port),
        "BATCHWELL_URL": settings.url,
        "BATCHWELL_AIRFLOW_URL": settings.airflow_url,
        "BATCHWELL_DAGS_FOLDER": str(settings.dags_folder),
        "BATCHWELL_NAMESPACE": settings.namespace,
        "BATCHWELL_LOG": settings.log,
        "AIRFLOW_PORT": str(settings.airflow_port),
    }


def web_service(settings: Settings, env: Mapping[str, str]) -> Service:
    """Return the web app under gunicorn."""
    env = {
        **env,
        "BATCHWELL_METRICS_FOLDER": str(settings.metrics_folder or settings.home / "metrics"),
    }
    program, *words = web_command(settings)
    return Service(name="web", command=[str(BIN / program), *words], env=env)


def airflow_services(env: Mapping[str, str]) -> list[Service]:
    """Return Airflow's processes, one service each: `airflow standalone` restarts none."""
    return [
        Service(name=name, command=[str(BIN / "airflow"), name, *options], env=env)
        for name, options in AIRFLOW_COMMANDS.items()
    ]


def migration_service(env: Mapping[str, str]) -> Service:
    """Return the command that makes or updates Airflow's database."""
    return Service(name="migrate", command=[str(BIN / "airflow"), "db", "migrate"], env=env)


def is_migrated(home: Path) -> bool:
    """Tell whether this version of Airflow made the database; asking Airflow takes seconds."""
    folder, stamp = home / "airflow", home / "airflow" / "migrated"
    made_by = stamp.read_text() if stamp.exists() else None
    return made_by == _airflow_version() and (folder / "airflow.db").exists()


def note_migrated(home: Path) -> None:
    """Remember that this version of Airflow made the database."""
    (home / "airflow" / "migrated").write_text(_airflow_version())


def _airflow_version() -> str:
    return importlib.metadata.version("apache-airflow-core")
