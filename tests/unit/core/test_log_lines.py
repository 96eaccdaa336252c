"""Log lines: for people or as JSON, in UTC, with the trace of what is being answered."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batchwell.log_lines import current_trace, log_formatter
from batchwell.settings import LogStyle

CHECKOUT = Path(__file__).parents[3]


def record(message: str = "hello %s", *args: object, **extra: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "batchwell.drain", "levelname": "WARNING", "msg": message, "args": args, **extra}
    )
    made.created = 1769851800.1234
    return made


def told(*args: object, **extra: object) -> Any:
    line = log_formatter(LogStyle.JSON).format(record("hello %s", *args, **extra))
    assert "\n" not in line
    return json.loads(line)


@pytest.fixture(autouse=True)
def untraced() -> Iterator[None]:
    """Begin without the trace of a request that another test made in this thread."""
    token = current_trace.set("")
    yield
    current_trace.reset(token)


@pytest.fixture
def trace() -> Iterator[str]:
    token = current_trace.set("from-http")
    yield "from-http"
    current_trace.reset(token)


def test_text_line_has_time_level_logger_and_message() -> None:
    line = log_formatter(LogStyle.TEXT).format(record("hello %s", "you"))
    assert line == "2026-01-31T09:30:00.123Z WARNING batchwell.drain: hello you"


def test_text_line_names_the_trace_once(trace: str) -> None:
    line = log_formatter(LogStyle.TEXT).format(record("hello %s", "you"))
    assert line.endswith(f"hello you trace={trace}")
    assert log_formatter(LogStyle.TEXT).format(record("of %s", trace)).endswith(f"of {trace}")


def test_json_line_has_the_same_and_the_records_own_fields(trace: str) -> None:
    assert told("you", computation="echo", requests=["echo-x"]) == {
        "time": "2026-01-31T09:30:00.123Z",
        "level": "warning",
        "logger": "batchwell.drain",
        "message": "hello you",
        "trace": trace,
        "computation": "echo",
        "requests": ["echo-x"],
    }


def test_json_line_holds_whatever_it_is_given() -> None:
    assert told("two\nlines")["message"] == "hello two\nlines"
    assert told("half a pair \ud800")["message"] == "hello half a pair \ud800"
    assert told("you", path=Path("/x"))["path"] == "/x"


def test_error_comes_with_its_traceback() -> None:
    try:
        raise ValueError("xyzzy")
    except ValueError:
        error = sys.exc_info()
    assert re.search(
        r"Traceback(.|\n)*ValueError: xyzzy$", told("you", exc_info=error)["traceback"]
    )
    text = log_formatter(LogStyle.TEXT).format(record("hello", exc_info=error))
    assert text.endswith("ValueError: xyzzy")
    assert "traceback" not in told("you", exc_info=(None, None, None))


@pytest.mark.parametrize(
    ("before", "expected"),
    [("", r"\S+Z INFO x: hello\n"), ("logging.basicConfig(format='mine: %(message)s')\n", "")],
)
def test_process_logs_to_stderr_unless_its_log_is_configured(before: str, expected: str) -> None:
    code = f"import logging\n{before}from batchwell.log_lines import configure_log\n"
    code += "from batchwell.settings import LogStyle\nconfigure_log(LogStyle.TEXT)\n"
    code += "configure_log(LogStyle.TEXT)\nlogging.getLogger('x').info('hello')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(CHECKOUT / "plugins")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.fullmatch(expected, done.stderr)
