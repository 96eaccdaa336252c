"""Open the client for a command, and suggest names for one that is unknown."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from batchwell.commands.exit_codes import MISSING, REFUSED, Told
from batchwell.near_names import did_you_mean
from batchwell.settings import Settings

if TYPE_CHECKING:
    from batchwell.client import Client, Denied

_RETRY_SECONDS = 15.0
_COMPLETION_SECONDS = 2.0


@contextmanager
def open_client(name: str = "") -> Iterator[Client]:
    """Give the client of the settings in the environment; ``name`` is the computation at hand."""
    from batchwell.client import Client, ClientError, Denied, NotFound

    with _told_of_retries(), Client(retry_seconds=_RETRY_SECONDS) as client:
        try:
            yield client
        except Denied as error:
            if error.status != 401:
                raise
            raise _unauthenticated(error) from error
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


def _unauthenticated(error: Denied) -> Told:
    """Say it in the command's words: those of the API are of headers and pages."""
    if not Settings.from_env().token:
        return Told("the web app needs a token: set BATCHWELL_TOKEN", REFUSED)
    return Told(f"the web app does not take the token in BATCHWELL_TOKEN: {error}", REFUSED)


def unknown_name(name: str, names: Iterable[str]) -> Told:
    """Say that no computation has this name, and which ones are like it."""
    names = sorted(names)
    hint = did_you_mean(name, names) or f"there are: {', '.join(names)}"
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
