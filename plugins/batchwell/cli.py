"""The ``batchwell`` command."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from batchwell import __version__
from batchwell.connection import connect
from batchwell.errors import BatchwellError, UnknownRequest
from batchwell.identifiers import split_request_id
from batchwell.registry import Registry, load_registry
from batchwell.settings import Settings
from batchwell.store import Store


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Ask for computations, look at them, and compute them.

    The store is the one of BATCHWELL_REDIS_URL, or else the one that scripts/up runs.
    """


@contextmanager
def door() -> Iterator[tuple[Store, Registry]]:
    """Open the store and load the computations; tell an error in one sentence."""
    try:
        settings = Settings.from_env()
        registry = load_registry(settings.dags_folder)
        with connect(settings.redis_url) as client:
            yield Store(client, namespace=settings.namespace, durable=settings.durable), registry
    except BatchwellError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("name")
@click.option(
    "--linger",
    "linger_seconds",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for more once the queue is empty.",
)
def drain(name: str, linger_seconds: float) -> None:
    """Compute what waits for the computation NAME, without Airflow.

    Ctrl-C finishes the current item and gives the rest back.
    """
    from batchwell import drain as draining

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    stop = threading.Event()

    def stop_soon(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, stop_soon)
    signal.signal(signal.SIGTERM, stop_soon)
    with door() as (store, registry):
        computation = registry[name]
        store.ping()
        summary = draining.drain(store, computation, linger_seconds=linger_seconds, stop=stop)
    click.echo(
        f"{name}: {summary.succeeded} succeeded, {summary.failed} failed, "
        f"{summary.retrying} to be tried again, in {summary.batches} batches"
    )


@main.command()
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
def failures(name: str, limit: int) -> None:
    """List the dead letters of the computation NAME, the latest first."""
    with door() as (store, registry):
        total, letters = store.failures(registry[name], count=limit)
    for letter in letters:
        click.echo(f"{letter.id}  {letter.error_type}: {letter.error_message}  {letter.params}")
    if total > len(letters):
        click.echo(f"… and {total - len(letters)} more")


@main.command()
@click.argument("request_ids", metavar="ID...", nargs=-1, required=True)
def replay(request_ids: tuple[str, ...]) -> None:
    """Replay requests that failed, expired or were cancelled; print the new ids."""
    with door() as (store, registry):
        for request_id in request_ids:
            name, _ = split_request_id(request_id)
            click.echo(store.retry(registry[name], request_id))


@main.command()
@click.argument("request_id", metavar="ID")
def cancel(request_id: str) -> None:
    """Cancel a request that waits or runs."""
    with door() as (store, registry):
        name, _ = split_request_id(request_id)
        status = store.cancel(registry[name], request_id)
    if status is None:
        raise click.ClickException(str(UnknownRequest(request_id)))
    if status != "cancelled":
        raise click.ClickException(f"{request_id} is {status} already")


@main.command()
@click.argument("name")
def invalidate(name: str) -> None:
    """Make every known value of the computation NAME stale; each is served until recomputed."""
    with door() as (store, registry):
        generation = store.invalidate(registry[name])
    click.echo(f"{name} is in generation {generation}")
