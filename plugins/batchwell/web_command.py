"""The command line that serves the web app: gunicorn with our worker class."""

from __future__ import annotations

from batchwell.exposure import netloc
from batchwell.settings import Settings

OPTIONS = {
    "--workers": "2",
    "--threads": "4",  # one serves, the others relieve it (docs/architecture.md)
    "--worker-class": "webapp.worker.Worker",
    "--graceful-timeout": "5",
    # Which proxies to believe is BATCHWELL_PROXIES' to say, and not gunicorn's.
    "--forwarded-allow-ips": "",
    "--logger-class": "webapp.monitoring.gunicorn_logger.GunicornLogger",
}


def web_command(settings: Settings, more: dict[str, str] | None = None) -> list[str]:
    """Return the words; ``more`` are options of gunicorn that go before ours."""
    options = OPTIONS | {"--bind": netloc(settings.host, settings.port)} | (more or {})
    words = [word for option in options.items() for word in option]
    return ["gunicorn", "--no-control-socket", *words, "webapp:create_app()"]
