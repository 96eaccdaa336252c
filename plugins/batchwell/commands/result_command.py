"""``batchwell result``: read the value known."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from batchwell.commands.exit_codes import MISSING, Told
from batchwell.commands.typed_words import read_words
from batchwell.commands.web_opening import json_option, name_argument, open_client
from batchwell.commands.wording import age, print_json, print_value, tell


@click.command()
@name_argument
@click.argument("words", metavar="[PARAM=VALUE]...", nargs=-1)
@click.option("--latest", is_flag=True, help="The value computed last, whatever its parameters.")
@click.option(
    "--max-age",
    type=click.IntRange(min=0),
    metavar="SECONDS",
    help="Have an older value recomputed, though it is fresh.",
)
@click.option(
    "--wait",
    type=click.IntRange(0, 60),
    default=0,
    metavar="SECONDS",
    help="Wait so long for a value that is being recomputed; 60 at most.",
)
@click.option("--only-if-cached", is_flag=True, help="Have nothing recomputed.")
@json_option
def result(
    name: str,
    words: tuple[str, ...],
    latest: bool,
    max_age: int | None,
    wait: int,
    only_if_cached: bool,
    as_json: bool,
) -> None:
    """Print the value that is known best, at once.

    A stale one is printed too, and recomputed for the next reader. Where there is none, the exit
    code is 3: `batchwell submit` has it computed.

    \b
    Examples:
      batchwell result fibonacci n=30
      batchwell result fibonacci n=30 --max-age 60 --wait 10
      batchwell result fibonacci --latest --json
    """
    values = read_words(words)
    if latest and (values or max_age is not None or wait or only_if_cached):
        raise click.UsageError("--latest goes with no parameters and no other wish")
    wishes: dict[str, Any] = {"max_age": max_age, "wait": wait, "only_if_cached": only_if_cached}
    with open_client(name) as client, _telling_how_to_submit(name, words):
        known = client.latest(name) if latest else client.result(name, values, **wishes)
    if known.state == "stale":
        tell(age(known))
    if as_json:
        print_json(known.document)
    else:
        print_value(known.value)


@contextmanager
def _telling_how_to_submit(name: str, words: Sequence[str]) -> Iterator[None]:
    from batchwell.client import NotFound

    try:
        yield
    except NotFound as error:
        if error.kind != "never-computed":
            raise
        command = shlex.join(["batchwell", "submit", name, *words, "--wait"])
        told = f"{name} has no such value yet: `{command}` has it computed"
        raise Told(told, MISSING) from error
