"""The container of the web app: gunicorn, once the settings are seen to be usable."""

from __future__ import annotations

import os
from collections.abc import Mapping

from batchwell.connection import connect
from batchwell.container.problems_at_start import await_store, check_port, check_secrets
from batchwell.exposure import check_exposure
from batchwell.settings import Settings
from batchwell.store import Store
from batchwell.web_command import web_command

# Heartbeats are writes to a file: keep them off the disk.
OPTIONS = {"--graceful-timeout": "10", "--worker-tmp-dir": "/dev/shm"}


def run(env: Mapping[str, str]) -> None:
    """Become gunicorn. WEB_CONCURRENCY sets the number of processes."""
    check_secrets(env, "BATCHWELL_SECRET_KEY")
    settings = Settings.from_env(env)
    await_store(settings.redis_url, settings.namespace)
    with connect(settings.redis_url) as client:
        check_exposure(settings.host, Store(client, namespace=settings.namespace))
    if settings.metrics_folder:
        settings.metrics_folder.mkdir(parents=True, exist_ok=True)
    processes = {"--workers": env["WEB_CONCURRENCY"]} if env.get("WEB_CONCURRENCY") else {}
    check_port(settings.host, settings.port, "BATCHWELL_PORT")
    command = web_command(settings, OPTIONS | processes)
    os.execvp(command[0], command)
