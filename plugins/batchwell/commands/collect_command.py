"""``batchwell collect``: move actions to their database, on the store directly."""

from __future__ import annotations

import signal
import threading
from dataclasses import asdict
from types import FrameType

import click

from batchwell.commands.store_opening import open_store_alone
from batchwell.commands.web_opening import json_option
from batchwell.commands.wording import print_json
from batchwell.identifiers import new_worker_id
from batchwell.log_lines import configure_log
from batchwell.settings import Settings

_PATIENCE_SECONDS = 10.0


@click.command()
@json_option
def collect(as_json: bool) -> None:
    """Move the actions that wait to their database, without Airflow.

    From the store (BATCHWELL_REDIS_URL) to BATCHWELL_ACTIONS_URL, each exactly once. Nobody is told
    of what is new. Ctrl-C ends it after the current batch.

    \b
    Examples:
      batchwell collect
    """
    from batchwell import collecting

    settings = Settings.from_env()
    configure_log(settings.log)
    if f"{settings.home}" in settings.actions_url:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    stop = threading.Event()

    def stop_soon(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, stop_soon)
    signal.signal(signal.SIGTERM, stop_soon)
    with open_store_alone() as store:
        store.ping()
        summary = collecting.collect(
            store,
            settings.actions_url,
            collector=new_worker_id(),
            most_seconds=float("inf"),
            patience_seconds=_PATIENCE_SECONDS,
            stop=stop,
        )
    if as_json:
        print_json(asdict(summary))
        return
    click.echo(f"{summary.moved} actions moved, {summary.added} of them new")
