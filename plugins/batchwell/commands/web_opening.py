"""Open the client for a command, and suggest names for one that is unknown."""

from __future__ import annotations

import difflib
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from batchwell.commands.exit_codes import MISSING, Told

if TYPE_CHECKING:
    from batchwell.client import Client

_RETRY_SECONDS = 15.0
_COMPLETION_SECONDS = 2.0


@contextmanager
def open_client(name: str = "") -> Iterator[Client]:
    """Give the client of the settings in the environment; ``name`` is the computation at hand."""
    from batchwell.client import Client, ClientError, NotFound

    with _told_of_retries(), Client(retry_seconds=_RETRY_SECONDS) as client:
        try:
            yield client
        except NotFound as error:
            if error.kind != "unknown-computation":
                raise
            names: list[str] = []
            with suppress(ClientError):
                names = [entry.name for entry in client.computations()]
            raise unknown_name(name, names) from error


@contextmanager
def _told_of_retries() -> Iterator[None]:
    """Have the client say that it tries again, so that nobody takes that for hanging."""
    log, handler = logging.getLogger("batchwell.client"), logging.StreamHandler(sys.stderr)
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)


def unknown_name(name: str, names: Iterable[str]) -> Told:
    """Say that no computation has this name, and which ones are like it."""
    names = sorted(names)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names)}"
    return Told(f"there is no computation named {name!r}; {hint}", MISSING)


def complete_name(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Complete the name of a computation in a shell; nothing, if that cannot be done at once."""
    from batchwell.client import Client
    from batchwell.errors import BatchwellError

    with suppress(BatchwellError):
        with Client(timeout_seconds=_COMPLETION_SECONDS, retry_seconds=0) as client:
            names = [entry.name for entry in client.computations()]
        return [name for name in names if name.startswith(incomplete)]
    return []


name_argument = click.argument("name", shell_complete=complete_name)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, as the API gives it."
)
