"""The exit codes, and the one place that makes errors into sentences and codes."""

from __future__ import annotations

import sys
from typing import Any

import click

from batchwell.errors import (
    ActionsUnavailable,
    BatchwellError,
    InvalidParameters,
    SettingsError,
    StoreRefuses,
    StoreUnavailable,
    UnknownComputation,
    UnknownRequest,
    UnknownToken,
)

FAILED = 1
MISUSED = 2
MISSING = 3
REFUSED = 4
AWAY = 5
TIMED_OUT = 124
INTERRUPTED = 130

EPILOG = """
\b
Exit codes:
  0    it worked
  1    the request failed, expired or was cancelled, or has ended already
  2    the command or the parameters do not fit
  3    there is no such computation, request or value
  4    refused: token, scope, full queue or rate limit
  5    the web app, the store or a database cannot be reached, or has a fault
  124  not ended within --timeout; the request goes on
  130  interrupted by Ctrl-C; the request goes on

\b
Settings (all are in the README):
  BATCHWELL_URL    where the web app is, http://127.0.0.1:8000 if not set
  BATCHWELL_TOKEN  the bearer token, where one is needed
"""


class Told(BatchwellError):
    """Raised by a command to end with a sentence and a code of its own."""

    def __init__(self, sentence: str, code: int) -> None:
        self.code = code
        super().__init__(sentence)


class Teller(click.Group):
    """The command as a whole: whatever goes wrong is told in one sentence, with its code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands in the order in which one comes to need them."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a character is no reason to fail.
            getattr(stream, "reconfigure", lambda **_: None)(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except BatchwellError as error:
            click.echo(f"Error: {one_line(str(error))}", err=True)
            ctx.exit(code_of(error))
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


def code_of(error: BatchwellError) -> int:
    """Return the exit code for an error of the core, or of the client."""
    match error:
        case Told():
            return error.code
        case SettingsError() | InvalidParameters():
            return MISUSED
        case UnknownComputation() | UnknownRequest() | UnknownToken():
            return MISSING
        case StoreRefuses():
            return REFUSED
        case StoreUnavailable() | ActionsUnavailable():
            return AWAY
    return _client_code_of(error)


def _client_code_of(error: BatchwellError) -> int:
    from batchwell import client  # here: only who uses it waits for its import

    match error:
        case client.Invalid():
            return MISUSED
        case client.NotFound():
            return MISSING
        case client.Denied() | client.TooMany():
            return REFUSED
        case client.Unavailable() | client.Unreachable() | client.NotBatchwell():
            return AWAY
        case client.WaitTimedOut():
            return TIMED_OUT
        case _:
            return FAILED


def one_line(text: str) -> str:
    """Return text of others as it can do a terminal no harm: one line, nothing unprintable."""
    joined = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in joined)
