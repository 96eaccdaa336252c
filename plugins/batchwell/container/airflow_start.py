"""The containers of Airflow: its database made or updated once, then one process each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from batchwell.container.problems_at_start import (
    CannotStart,
    await_store,
    check_port,
    check_secrets,
    check_writable,
)

SECRETS = (
    "DATABASE_PASSWORD",
    "BROKER_PASSWORD",
    "AIRFLOW_PASSWORD",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__API__SECRET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
)
# What Airflow says in a traceback, and what it means to who started it.
DATABASE_PROBLEMS = {
    "Can't locate revision": "the database was made by a newer version of Airflow: run the image "
    "that made it, or restore a backup of this version (docs/deployment.md)",
    "password authentication failed": "the database has another password: put back the .env with "
    "which its volume was made, or remove the volume if nothing in it is needed",
    "could not translate host name": "the database has no such host: see 'docker compose ps'",
    "Connection refused": "the database does not answer: see 'docker compose logs database'",
}


def run(*command: str) -> Callable[[Mapping[str, str]], None]:
    """Return what becomes that command of Airflow."""

    def become(env: Mapping[str, str]) -> None:
        check_writable(Path(env["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]))
        os.execvp("airflow", ["airflow", *command])

    return become


def serve(env: Mapping[str, str]) -> None:
    """Become Airflow's API server, which has its pages too."""
    host, port = env.get("AIRFLOW__API__HOST", "0.0.0.0"), env.get("AIRFLOW__API__PORT", "8080")
    check_port(host, int(port), "AIRFLOW__API__PORT")
    run("api-server")(env)


def initialise(env: Mapping[str, str]) -> None:
    """Make or update the database and its administrator; safe to repeat."""
    check_secrets(env, *SECRETS)
    check_writable(Path(env["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]))
    await_store(env["BATCHWELL_REDIS_URL"])
    _migrate()
    _settle_administrator(env.get("AIRFLOW_USER") or "admin", env["AIRFLOW_PASSWORD"])


def _migrate() -> None:
    done = subprocess.run(
        ["airflow", "db", "migrate"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        for symptom, meaning in DATABASE_PROBLEMS.items():
            if symptom in done.stdout:
                raise CannotStart(meaning)
        sys.stderr.write(done.stdout)
        raise CannotStart("Airflow's database could not be made or updated: the reason is above")


def _settle_administrator(name: str, password: str) -> None:
    """See that the administrator is there, with the password that .env has."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        security = builder.sm
        if user := security.find_user(username=name):
            security.reset_password(user.id, password)
        else:
            admin = security.find_role("Admin")
            security.add_user(name, "Batchwell", "Admin", f"{name}@localhost", admin, password)
