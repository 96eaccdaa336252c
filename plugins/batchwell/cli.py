"""The ``batchwell`` command."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from types import FrameType

import click

from batchwell import __version__
from batchwell.errors import BatchwellError
from batchwell.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Ask for computations, look at them, and compute them.

    The store is the one of BATCHWELL_REDIS_URL, or else the one that scripts/up runs.
    """


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
    from batchwell.connection import connect
    from batchwell.registry import load_registry
    from batchwell.store import Store

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    stop = threading.Event()

    def stop_soon(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, stop_soon)
    signal.signal(signal.SIGTERM, stop_soon)
    try:
        settings = Settings.from_env()
        computation = load_registry(settings.dags_folder)[name]
        store = Store(connect(settings.redis_url), namespace=settings.namespace)
        store.ping()
        summary = draining.drain(store, computation, linger_seconds=linger_seconds, stop=stop)
    except BatchwellError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{name}: {summary.succeeded} succeeded, {summary.failed} failed, "
        f"{summary.retrying} to be tried again, in {summary.batches} batches"
    )
