"""``batchwell failures`` and ``replay``: what failed for good, and another go at it."""

from __future__ import annotations

from itertools import islice

import click

from batchwell.commands.exit_codes import code_of, one_line
from batchwell.commands.web_opening import complete_name, json_option, name_argument, open_client
from batchwell.commands.wording import brief, moment, print_json, tell


@click.command()
@name_argument
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@json_option
def failures(name: str, limit: int, as_json: bool) -> None:
    """List the failed requests of the computation NAME, the latest first.

    They are kept for a week. `batchwell status ID --json` has the whole story of one.

    \b
    Examples:
      batchwell failures option_price
      batchwell failures option_price --limit 1000 --json
    """
    with open_client(name) as client:
        letters = list(islice(client.failures(name), limit + 1))
    shown = letters[:limit]
    if as_json:
        print_json([letter.document for letter in shown])
        return
    for letter in shown:
        error = f"{letter.error.type}: {letter.error.message}" if letter.error else letter.status
        told = (letter.id, error, brief(letter.params), moment(letter.finished_at))
        click.echo("  ".join(map(one_line, told)))
    if len(letters) > limit:
        tell(f"there are more than {limit}: --limit shows them")
    elif not letters:
        tell(f"nothing of {name} has failed")


@click.command()
@click.argument("request_ids", metavar="[ID]...", nargs=-1)
@click.option(
    "--all",
    "name",
    metavar="NAME",
    shell_complete=complete_name,
    help="Replay whatever failed of this computation.",
)
@json_option
def replay(request_ids: tuple[str, ...], name: str | None, as_json: bool) -> None:
    """Have requests that failed, expired or were cancelled computed again.

    Prints the id of each new request. One that cannot be replayed does not keep the others from
    it, but the exit code tells.

    \b
    Examples:
      batchwell replay fibonacci-4yszdrlteyhu3bsf
      batchwell replay --all option_price
    """
    from batchwell.client import Conflict, NotFound

    if bool(request_ids) == (name is not None):
        raise click.UsageError("say which: either ids, or --all NAME")
    replayed, code = [], 0
    with open_client(name or "") as client:
        if name is not None:
            request_ids = tuple(letter.id for letter in client.failures(name))
        for request_id in request_ids:
            try:
                request = client.replay(request_id)
            except (Conflict, NotFound) as error:
                tell(f"Error: {error}")
                code = code or code_of(error)
                continue
            replayed.append(request.document)
            if not as_json:
                click.echo(request.id)
    if as_json:
        print_json(replayed)
    raise click.exceptions.Exit(code)
