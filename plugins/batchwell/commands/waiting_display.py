"""Watching a request to its end: a moving bar on a terminal, elsewhere a line for each change."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Protocol

import click

from batchwell.client import WaitTimedOut
from batchwell.commands.exit_codes import INTERRUPTED, TIMED_OUT
from batchwell.commands.wording import standing, tell

if TYPE_CHECKING:
    from batchwell.client import Client, Request


class Display(Protocol):
    """What shows how a request fares."""

    def show(self, request: Request) -> None:
        """Take over how the request stands now."""


class Lines:
    """Says each change in a line."""

    def __init__(self) -> None:
        self._told = ""

    def show(self, request: Request) -> None:
        """Say it, unless it was said last."""
        line = standing(request)
        if line != self._told:
            tell(line)
            self._told = line


def watch(client: Client, request_id: str, *, timeout: float | None) -> Request:
    """Show how the request fares until it has ended; return how.

    When the time is up, or at Ctrl-C, says how to go on, and ends the command.
    """
    last = None
    try:
        with _display() as display:
            for last in client.follow(request_id, timeout=timeout):
                display.show(last)
    except KeyboardInterrupt:
        _take_leave(request_id, f"{request_id} goes on", INTERRUPTED)
    except WaitTimedOut as error:
        _take_leave(request_id, str(error), TIMED_OUT)
    assert last is not None  # following yields once, or raises
    return last


def _display() -> AbstractContextManager[Display]:
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        try:
            from batchwell.commands.moving_bar import MovingBar
        except ModuleNotFoundError:  # the extra batchwell[client] is not installed
            return nullcontext(Lines())
        return MovingBar()
    return nullcontext(Lines())


def _take_leave(request_id: str, reason: str, code: int) -> None:
    tell(
        f"{reason}: see it with `batchwell status {request_id} --follow`, "
        f"end it with `batchwell cancel {request_id}`"
    )
    raise click.exceptions.Exit(code)
