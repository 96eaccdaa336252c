"""``batchwell submit``: ask for a value, and wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from batchwell.commands.typed_words import read_params, read_words, type_words
from batchwell.commands.web_opening import json_option, name_argument, open_client
from batchwell.commands.wording import age, brief, print_json, print_value, standing, tell

if TYPE_CHECKING:
    from batchwell.client import Client, Submission


@click.command()
@name_argument
@click.argument("words", metavar="[PARAM=VALUE]...", nargs=-1)
@click.option("--params", metavar="JSON", help="All parameters as a JSON object; - reads stdin.")
@click.option("--wait", is_flag=True, help="Wait for the value, showing how far it is.")
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait so long at most."
)
@click.option("--priority", type=click.Choice(["interactive", "normal", "bulk"]))
@click.option(
    "--max-age",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="How old a known value may be.",
)
@click.option("--force", is_flag=True, help="Compute it, however fresh the known value is.")
@click.option(
    "--expires-in",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Do not begin any later than that.",
)
@click.option("--webhook", metavar="URL", help="Where to send a message when it has ended.")
@json_option
def submit(
    name: str,
    words: tuple[str, ...],
    params: str | None,
    wait: bool,
    timeout: float | None,
    max_age: float | None,
    force: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Ask for a value of the computation NAME.

    Prints the request's id at once; with --wait the value, once it is known. Each PARAM=VALUE is
    read as the computation's own types say; lists and objects are written as JSON.

    \b
    Examples:
      batchwell submit fibonacci n=30 --wait
      value=$(batchwell submit fibonacci n=30 --wait --timeout 60)
      echo '{"n": 30}' | batchwell submit fibonacci --params - --priority bulk
      batchwell submit fibonacci n=30 --force --json
    """
    if timeout is not None and not wait:
        raise click.UsageError("--timeout goes with --wait")
    if force and max_age is not None:
        raise click.UsageError("--force and --max-age exclude each other")
    if words and params is not None:
        raise click.UsageError("give the parameters as words or by --params, not both")
    values: dict[str, Any] = read_params(params) if params is not None else {**read_words(words)}
    with open_client(name) as client:
        if words:
            values = type_words(values, client.computation(name).parameters)
        submission = client.submit(name, values, max_age=0 if force else max_age, **options)
        if wait:
            _print_outcome(client, submission, timeout, as_json=as_json)
        else:
            _print_submission(submission, as_json=as_json)


def _print_submission(submission: Submission, *, as_json: bool) -> None:
    """Print the id of the request that brings the value, or has brought it."""
    request, result = submission.request, submission.result
    if result is not None:
        tell(f"known already: {brief(result.value)} ({age(result)})")
    if request is not None:
        tell(f"{standing(request)}; see it with `batchwell status {request.id} --follow`")
    if submission.previous is not None:
        previous = submission.previous
        tell(f"known meanwhile: {brief(previous.value)} ({age(previous)})")
    if as_json:
        print_json(submission.document)
    else:
        click.echo(request.id if request else result.request if result else "")


def _print_outcome(
    client: Client, submission: Submission, timeout: float | None, *, as_json: bool
) -> None:
    """Print the value, waiting for it; raise `EndedWithoutValue` if there will be none."""
    result = submission.result
    if result is None:
        from batchwell.commands.waiting_display import watch

        request_id = submission.document["id"]
        tell(f"submitted as {request_id}")
        ended = watch(client, request_id, timeout=timeout)
        if as_json and ended.result is None:
            print_json(ended.document)
        result = ended.outcome()
    if as_json:
        print_json(result.document)
    else:
        print_value(result.value)
