"""The ``batchwell`` command: a module for each group of subcommands, all listed here."""

from __future__ import annotations

import click

from batchwell import __version__
from batchwell.commands.catalogue_commands import computations, invalidate, show
from batchwell.commands.collect_command import collect
from batchwell.commands.completion_command import completion
from batchwell.commands.drain_command import drain
from batchwell.commands.exit_codes import EPILOG, Teller
from batchwell.commands.failures_command import failures, replay
from batchwell.commands.result_command import result
from batchwell.commands.status_command import cancel, status
from batchwell.commands.submit_command import submit
from batchwell.commands.token_commands import token

__all__ = ["main"]


@click.group(cls=Teller, context_settings={"help_option_names": ["-h", "--help"]}, epilog=EPILOG)
@click.version_option(__version__)
def main() -> None:
    """Ask for computations, look at them, and compute them.

    What is asked for goes to the standard output, everything else to the standard error. The
    commands talk to the web app; `drain`, `collect` and `token` to the store itself.

    \b
    Examples:
      batchwell computations
      batchwell submit fibonacci n=30 --wait
      batchwell result fibonacci n=30
    """


for command in (
    submit,
    result,
    status,
    cancel,
    computations,
    show,
    invalidate,
    failures,
    replay,
    drain,
    collect,
    token,
    completion,
):
    main.add_command(command)
