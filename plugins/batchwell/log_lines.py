"""The log of every Batchwell process: lines for people, or JSON for machines; times in UTC."""

from __future__ import annotations

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime

from batchwell.settings import LogStyle

current_trace: ContextVar[str] = ContextVar("current_trace", default="")
"""The trace (``X-Request-ID``) of the HTTP request that is being answered; "" outside one."""

# What the logging module itself puts on a record; all else was given as ``extra``.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure_log(style: LogStyle) -> None:
    """Have this process log to standard error, from INFO on.

    Does nothing where the root logger has handlers: somebody has configured the log already.
    """
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(log_formatter(style))
        root.addHandler(handler)
        root.setLevel(logging.INFO)


def log_formatter(style: LogStyle) -> logging.Formatter:
    """Return what makes lines of records."""
    return JsonLines() if style is LogStyle.JSON else TextLines()


class TextLines(logging.Formatter):
    """``2026-01-31T09:30:00.123Z INFO webapp.access: GET / 200 … trace=…``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line, and the traceback of its error below it."""
        line = f"{_time(record)} {record.levelname} {record.name}: {record.getMessage()}"
        if (trace := current_trace.get()) and trace not in line:
            line += f" trace={trace}"
        error = _traceback(record)
        return f"{line}\n{error}" if error else line


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and the record's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line; an error's traceback is its field ``traceback``."""
        fields: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace := current_trace.get():
            fields["trace"] = trace
        fields |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if error := _traceback(record):
            fields["traceback"] = error
        return json.dumps(fields, default=str)


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


def _traceback(record: logging.LogRecord) -> str:
    if not (record.exc_info and record.exc_info[1]):
        return ""
    return "".join(traceback.format_exception(record.exc_info[1])).rstrip()
