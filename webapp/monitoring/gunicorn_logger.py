"""gunicorn's own lines, in the style of all others: ``--logger-class`` names this class."""

from __future__ import annotations

from gunicorn.config import Config
from gunicorn.glogging import Logger

from batchwell.log_lines import log_formatter
from batchwell.settings import Settings


class GunicornLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Tells of the server's start, its workers and its errors as BATCHWELL_LOG says."""

    def setup(self, cfg: Config) -> None:
        """Set up gunicorn's loggers, and give their handlers our lines."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(log_formatter(Settings.from_env().log))
