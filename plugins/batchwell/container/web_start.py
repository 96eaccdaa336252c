"""The container of the web app: gunicorn, once the settings are seen to be usable."""

from __future__ import annotations

import os
from collections.abc import Mapping

from batchwell.connection import connect
from batchwell.container.problems_at_start import await_store, check_secrets
from batchwell.exposure import check_exposure, netloc
from batchwell.settings import Settings
from batchwell.store import Store

OPTIONS = {
    "--workers": "2",
    "--threads": "4",
    "--worker-class": "webapp.worker.Worker",
    "--worker-tmp-dir": "/dev/shm",  # heartbeats are writes to a file: keep them off the disk
    "--graceful-timeout": "10",
    # Which proxies to believe is BATCHWELL_PROXIES' to say, and not gunicorn's.
    "--forwarded-allow-ips": "",
    "--logger-class": "webapp.monitoring.gunicorn_logger.GunicornLogger",
}


def run(env: Mapping[str, str]) -> None:
    """Become gunicorn. WEB_CONCURRENCY sets the number of processes."""
    settings = Settings.from_env(env)
    check_secrets(env, "BATCHWELL_SECRET_KEY")
    await_store(settings.redis_url, settings.namespace)
    with connect(settings.redis_url) as client:
        check_exposure(settings.host, Store(client, namespace=settings.namespace))
    if settings.metrics_folder:
        settings.metrics_folder.mkdir(parents=True, exist_ok=True)
    options = OPTIONS | {"--bind": netloc(settings.host, settings.port)}
    if processes := env.get("WEB_CONCURRENCY"):
        options["--workers"] = processes
    words = [word for option in options.items() for word in option]
    os.execvp("gunicorn", ["gunicorn", "--no-control-socket", *words, "webapp:create_app()"])
