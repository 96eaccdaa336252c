"""``batchwell drain``: compute what waits, on the store directly."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from types import FrameType

import click

from batchwell.commands.store_opening import open_store
from batchwell.commands.web_opening import json_option, name_argument, unknown_name
from batchwell.commands.wording import print_json
from batchwell.log_lines import configure_log
from batchwell.settings import Settings


@click.command()
@name_argument
@click.option(
    "--linger",
    "linger_seconds",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for more once the queue is empty.",
)
@json_option
def drain(name: str, linger_seconds: float, as_json: bool) -> None:
    """Compute what waits for the computation NAME, without Airflow.

    It works on the store itself (BATCHWELL_REDIS_URL). Ctrl-C finishes the current item and gives
    the rest back.

    \b
    Examples:
      batchwell drain fibonacci
      batchwell drain fibonacci --linger 3600
    """
    from batchwell import drain as draining

    configure_log(Settings.from_env().log)
    stop = threading.Event()

    def stop_soon(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, stop_soon)
    signal.signal(signal.SIGTERM, stop_soon)
    with open_store() as (store, registry):
        if name not in registry.computations:
            raise unknown_name(name, registry.computations)
        computation = registry[name]
        store.ping()
        summary = draining.drain(store, computation, linger_seconds=linger_seconds, stop=stop)
    if as_json:
        print_json({"computation": name, **asdict(summary)})
        return
    click.echo(
        f"{name}: {summary.succeeded} succeeded, {summary.failed} failed, "
        f"{summary.retrying} to be tried again, in {summary.batches} batches"
        + (f"; {summary.delivered} webhooks delivered" if summary.delivered else "")
    )
