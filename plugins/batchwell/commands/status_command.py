"""``batchwell status`` and ``cancel``: how a request stands, and its end before its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from batchwell.commands.web_opening import json_option, open_client
from batchwell.commands.wording import (
    brief,
    moment,
    print_json,
    print_pairs,
    standing,
)

if TYPE_CHECKING:
    from batchwell.client import Request


@click.command()
@click.argument("request_id", metavar="ID")
@click.option("--follow", is_flag=True, help="Stay until it has ended; exit 1 if without a value.")
@click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Follow so long at most."
)
@json_option
def status(request_id: str, follow: bool, timeout: float | None, as_json: bool) -> None:
    """Tell how the request ID stands, and what it waits for.

    \b
    Examples:
      batchwell status fibonacci-4yszdrlteyhu3bsf
      batchwell status fibonacci-4yszdrlteyhu3bsf --follow --timeout 600
      batchwell status fibonacci-4yszdrlteyhu3bsf --json
    """
    if timeout is not None and not follow:
        raise click.UsageError("--timeout goes with --follow")
    with open_client() as client:
        if follow:
            from batchwell.commands.waiting_display import watch

            request = watch(client, request_id, timeout=timeout)
        else:
            request = client.request(request_id)
    if as_json:
        print_json(request.document)
    else:
        _print_request(request)
    if follow:
        request.outcome()


@click.command()
@click.argument("request_id", metavar="ID")
@json_option
def cancel(request_id: str, as_json: bool) -> None:
    """Cancel the request ID, whether it waits or runs.

    A value that is known stays known. What was cancelled can be replayed.

    \b
    Example:
      batchwell cancel fibonacci-4yszdrlteyhu3bsf
    """
    with open_client() as client:
        request = client.cancel(request_id)
    if as_json:
        print_json(request.document)
    else:
        click.echo(f"{request.id} is {request.status}")


def _print_request(request: Request) -> None:
    error, run = request.error, request.run
    click.echo(f"{request.id}  {request.status}")
    print_pairs(
        [
            ("parameters", brief(request.params)),
            ("submitted", moment(request.submitted_at)),
            ("started", moment(request.started_at)),
            ("finished", moment(request.finished_at)),
            ("attempt", request.attempt or ""),
            ("now", "" if request.has_ended else standing(request)),
            ("left", "" if request.eta_seconds is None else f"about {request.eta_seconds:.0f} s"),
            ("value", brief(request.result.value) if request.result else ""),
            ("error", f"{error.type}: {error.message}" if error else ""),
            ("replayed by", request.retried_by),
            ("run", run.url or run.run_id if run else ""),
        ]
    )
