"""The command behind ``scripts/up``: start everything, say where it is, stop it on Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

from batchwell.connection import connect
from batchwell.errors import BatchwellError, StoreUnavailable
from batchwell.exposure import check_exposure
from batchwell.local import services
from batchwell.local.airflow_environment import airflow_environment
from batchwell.local.embedded_store import settle_store_url, store_answers, store_service
from batchwell.local.home import CannotStart, check_ports, lock_home, read_secrets
from batchwell.local.processes import Supervisor
from batchwell.local.readiness import AirflowReadiness, web_answers
from batchwell.local.voice import Voice
from batchwell.settings import Settings
from batchwell.store import Store

TICK_SECONDS = 0.25


class StopRequested(Exception):
    """Raised in the main loop after Ctrl-C, SIGTERM or SIGHUP."""


class StopSignals:
    """The signals that ask for a stop: the first asks, a second one hurries."""

    def __init__(self) -> None:
        self._asked, self._hurry = threading.Event(), threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: object) -> None:
        (self._hurry if self._asked.is_set() else self._asked).set()

    def pause(self) -> None:
        """Wait for a tick; raise `StopRequested` when a stop was asked for."""
        if self._asked.wait(TICK_SECONDS):
            raise StopRequested

    def hurry(self) -> bool:
        """Tell whether the stop shall not wait for anything."""
        return self._hurry.is_set()


def main() -> int:
    """Run until asked to stop; return the exit code."""
    signals, say = StopSignals(), Voice()
    try:
        settings = Settings.from_env()
        say.style = settings.log
        with lock_home(settings.home):
            supervisor = Supervisor(settings.home, say)
            supervisor.end_leftovers()
            check_ports({"BATCHWELL_PORT": settings.port, "AIRFLOW_PORT": settings.airflow_port})
            try:
                run(settings, supervisor, signals, say)
            except StopRequested:
                say("stopping (Ctrl-C again to hurry)")
            finally:
                supervisor.end(services.STOP_WAVES, signals.hurry)
    except (CannotStart, BatchwellError) as error:
        say(str(error))
        return 1
    say("stopped")
    return 0


def run(settings: Settings, supervisor: Supervisor, signals: StopSignals, say: Voice) -> None:
    """Start the services in order, announce them, look after them until asked to stop."""

    def wait_until(ready: Callable[[], bool], *, starting: bool = True) -> None:
        while not ready():
            signals.pause()
            supervisor.watch(starting=starting)

    def never() -> bool:
        return False

    if not os.environ.get("BATCHWELL_REDIS_URL"):
        settings = replace(settings, redis_url=settle_store_url(settings.home))
        say("starting the store")
        env = services.common_environment(os.environ, settings)
        supervisor.start(
            store_service(settings.home, settings.redis_url, env, durable=settings.durable)
        )
        wait_until(lambda: store_answers(settings.redis_url))
    tokens = _check_access(settings)
    env = services.common_environment(os.environ, settings)
    airflow_env = env | airflow_environment(settings, read_secrets(settings.home))
    say("starting the web app")
    supervisor.start(services.web_service(settings, env))
    if not services.is_migrated(settings.home):
        say("making Airflow's database")
        supervisor.run_once(services.migration_service(airflow_env), signals.pause)
        services.note_migrated(settings.home)
    say("starting Airflow")
    airflow = AirflowReadiness(settings)
    for service in services.airflow_services(airflow_env):
        supervisor.start(service)
    wait_until(lambda: web_answers(settings))
    wait_until(airflow.answers)
    for file in airflow.broken_files:
        say(f"cannot import {file}: Airflow's first page says why")
    asking = f"  (asks for a token: there {tokens})" if tokens else ""
    say(f"web app   {settings.url}{asking}")
    say(f"Airflow   {settings.airflow_url}  ({airflow.dags} DAGs)")
    say(f"logs      {settings.home / 'logs'}")
    say("ready; Ctrl-C stops everything")
    wait_until(never, starting=False)


def _check_access(settings: Settings) -> str:
    """Tell how many tokens there are, "" for none; raise `SettingsError` for an app open to all."""
    with connect(settings.redis_url) as client:
        store = Store(client, namespace=settings.namespace)
        try:
            check_exposure(settings.host, store)
            count = len(store.tokens())
        except StoreUnavailable:
            return ""  # the web app asks again, and is not open until it knows
    return {0: "", 1: "is 1"}.get(count, f"are {count}")


if __name__ == "__main__":
    sys.exit(main())
