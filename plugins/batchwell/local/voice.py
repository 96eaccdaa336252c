"""The voice of ``scripts/up``: sentences for a person, or JSON lines like all other logs."""

from __future__ import annotations

import logging
import os
import sys

from batchwell.log_lines import log_formatter
from batchwell.settings import LogStyle


class Voice:
    """Tells the user what goes on; set ``style`` once it is known."""

    def __init__(self) -> None:
        self.style = LogStyle.TEXT

    def __call__(self, sentence: str) -> None:
        """Say it to the user, who may have gone: output is no reason to fail."""
        try:
            print(self._spell(sentence), flush=True)
        except OSError:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - open until the end

    def _spell(self, sentence: str) -> str:
        if self.style is LogStyle.TEXT:
            return f"batchwell: {sentence}"
        record = logging.LogRecord(
            "batchwell.local", logging.INFO, __file__, 0, "%s", (sentence,), None
        )
        return log_formatter(self.style).format(record)
