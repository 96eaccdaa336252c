"""``batchwell failures``, ``replay``, ``cancel`` and ``invalidate``."""

from __future__ import annotations

import click

from batchwell.commands.store_opening import open_store
from batchwell.errors import UnknownRequest
from batchwell.identifiers import split_request_id


@click.command()
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def failures(name: str, limit: int) -> None:
    """List the dead letters of the computation NAME, the latest first."""
    with open_store() as (store, registry):
        letters = store.failures(registry[name], count=limit)
    for letter in letters.requests:
        click.echo(f"{letter.id}  {letter.error_type}: {letter.error_message}  {letter.params}")
    if letters.total > len(letters.requests):
        click.echo(f"… and {letters.total - len(letters.requests)} more")


@click.command()
@click.argument("request_ids", metavar="ID...", nargs=-1, required=True)
def replay(request_ids: tuple[str, ...]) -> None:
    """Replay requests that failed, expired or were cancelled; print the new ids."""
    with open_store() as (store, registry):
        for request_id in request_ids:
            name, _ = split_request_id(request_id)
            click.echo(store.retry(registry[name], request_id))


@click.command()
@click.argument("request_id", metavar="ID")
def cancel(request_id: str) -> None:
    """Cancel a request that waits or runs."""
    with open_store() as (store, registry):
        name, _ = split_request_id(request_id)
        status = store.cancel(registry[name], request_id)
    if status is None:
        raise UnknownRequest(request_id)
    if status != "cancelled":
        raise click.ClickException(f"{request_id} is {status} already")


@click.command()
@click.argument("name")
def invalidate(name: str) -> None:
    """Make every known value of the computation NAME stale; each is served until recomputed."""
    with open_store() as (store, registry):
        generation = store.invalidate(registry[name])
    click.echo(f"{name} is in generation {generation}")
