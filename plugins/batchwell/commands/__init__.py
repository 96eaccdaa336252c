"""The ``batchwell`` command: a module for each group of subcommands, all listed here."""

from __future__ import annotations

from typing import Any

import click

from batchwell import __version__
from batchwell.commands.drain_command import drain
from batchwell.commands.request_commands import cancel, failures, invalidate, replay
from batchwell.commands.token_commands import token
from batchwell.errors import BatchwellError

__all__ = ["main"]


class Teller(click.Group):
    """A group that tells an error in one sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except BatchwellError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=Teller, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Ask for computations, look at them, and compute them.

    The store is the one of BATCHWELL_REDIS_URL, or else the one that scripts/up runs.
    """


for command in (cancel, drain, failures, invalidate, replay, token):
    main.add_command(command)
