"""``batchwell completion``: the shell's own completion of commands, options and names."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what makes SHELL complete commands, options and the names of computations.

    \b
    Examples:
      eval "$(batchwell completion bash)"
      batchwell completion fish > ~/.config/fish/completions/batchwell.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # click has these three
    root = ctx.find_root()
    click.echo(kind(root.command, {}, "batchwell", "_BATCHWELL_COMPLETE").source())
