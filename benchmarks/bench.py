"""What all figures share: one store server as ``scripts/up`` runs it, and programs on it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import requests
from redis import Redis

from batchwell.connection import connect
from batchwell.local import embedded_store, services
from batchwell.local.home import find_free_port
from batchwell.settings import Settings
from batchwell.store import AnyComputation, Store
from benchmarks.peer_environments import CHECKOUT, peer_python
from benchmarks.processes import Program, running
from benchmarks.traffic import Traffic
from benchmarks.waiting import wait_until
from tests.acceptance.running_system import RunningSystem

DAGS = Path(__file__).parent / "dags"

T = TypeVar("T")


class Bench:
    """A store server, and what starts Batchwell's and the peers' programs on it.

    The server has the configuration of ``scripts/up``, its append-only file and its password; a
    peer gets the same server. ``tiny``: sizes that only show whether all is right.
    """

    def __init__(
        self, folder: Path, *, tiny: bool, repetitions: int = 5, system: RunningSystem | None = None
    ) -> None:
        """Start the server, with its data in the folder.

        ``system``: what the figures that need Airflow shall use; they start one otherwise.
        """
        self.system = system
        self.folder = folder
        self.tiny = tiny
        self.repetitions = self.pick(repetitions, 1)
        home = folder / "home"
        for part in (home, home / "valkey"):
            part.mkdir(parents=True)
        self.settings = replace(
            Settings.from_env({"BATCHWELL_HOME": str(home), "BATCHWELL_DAGS_FOLDER": str(DAGS)}),
            redis_url=embedded_store.settle_store_url(home),
        )
        self.env = services.common_environment(os.environ, self.settings)
        service = embedded_store.store_service(
            home, self.settings.redis_url, self.env, durable=False
        )
        self._server = Program(service.command, service.env, folder / "valkey.log")
        try:
            self._server.wait_until(
                "store", lambda: embedded_store.store_answers(self.settings.redis_url)
            )
        except BaseException:
            self._server.stop()
            raise
        self.redis = Redis.from_url(self.settings.redis_url, socket_timeout=60)
        self.store = Store(connect(self.settings.redis_url, timeout_seconds=60))

    def pick(self, full: T, tiny: T) -> T:
        """Return the size for this run."""
        return tiny if self.tiny else full

    @property
    def slices(self) -> int:
        """How often to measure what takes two seconds: often, as a machine has its moods."""
        return self.pick(3 * self.repetitions, 1)

    def close(self) -> None:
        """Stop the server."""
        self.store.client.close()
        self.redis.close()
        self._server.stop()

    def empty(self) -> None:
        """Forget all that the store holds, and have it freed before anything is measured."""
        self.redis.execute_command("FLUSHALL", "SYNC")

    def database(self, number: int) -> Redis:
        """Return a client of another database of the server, where peers have theirs."""
        return Redis.from_url(f"{self._store_base}/{number}", socket_timeout=60)

    @property
    def _store_base(self) -> str:
        return self.settings.redis_url.rsplit("/", 1)[0]

    @property
    def peer_env(self) -> Mapping[str, str]:
        """The environment of the peers' programs."""
        path = {"PYTHONPATH": str(CHECKOUT), "BENCH_STORE": self._store_base}
        return {name: self.env[name] for name in ("PATH", "HOME") if name in self.env} | path

    def warm_up(self, traffic: Traffic) -> None:
        """Let a server and its connections get going."""
        if not self.tiny:
            traffic.run(2.0)

    @property
    def server_options(self) -> str:
        """How many workers and threads of gunicorn each web app has."""
        return " ".join(self._shared_options)

    @property
    def _shared_options(self) -> list[str]:
        words = list(services.web_service(self.settings, self.env).command)
        return [
            word
            for name in ("--workers", "--threads")
            for word in (name, words[words.index(name) + 1])
        ]

    @contextmanager
    def web(self) -> Iterator[str]:
        """Run the web app as ``scripts/up`` does; yield its URL."""
        service = services.web_service(self.settings, self.env)
        with self._served(service.command, service.env, "web", "/healthz") as url:
            yield url

    @contextmanager
    def peer_web(self, module: str, path: str, worker_class: str = "gthread") -> Iterator[str]:
        """Run a peer's app on the same gunicorn, its workers as many; yield its URL.

        ``worker_class`` may be our own too, which is found in the checkout and needs nothing but
        gunicorn. It logs no requests, as is gunicorn's default.
        """
        address = f"127.0.0.1:{self.settings.port}"
        command = [str(peer_python().with_name("gunicorn")), "--no-control-socket"]
        command += ["--bind", address, "--worker-class", worker_class, *self._shared_options]
        command.append(f"benchmarks.peers.{module}:app")
        name = f"{module}-{worker_class}"
        with self._served(command, self.peer_env, name, path) as url:
            yield url

    @contextmanager
    def _served(
        self, command: Sequence[str], env: Mapping[str, str], name: str, path: str
    ) -> Iterator[str]:
        port = find_free_port()
        bound: list[str | Path] = [
            f"127.0.0.1:{port}" if word == f"127.0.0.1:{self.settings.port}" else word
            for word in command
        ]
        url = f"http://127.0.0.1:{port}"
        program = self.start(bound, env, name)
        with running([program]):
            program.wait_until(name, lambda: _answers(f"{url}{path}"))
            yield url

    @contextmanager
    def workers(self, computation: AnyComputation, count: int = 2) -> Iterator[list[Program]]:
        """Run drain workers, as somebody without Airflow does; yield when they live."""
        command: list[str | Path] = [
            services.BIN / "batchwell",
            "drain",
            computation.name,
            "--linger",
            "3600",
        ]
        programs = [self.start(command, self.env, "drain") for _ in range(count)]
        with running(programs):
            for program in programs:
                program.wait_until(
                    "drain workers",
                    lambda: self.store.count(computation).workers >= count,
                )
            yield programs

    def start(self, command: Sequence[str | Path], env: Mapping[str, str], name: str) -> Program:
        """Start a program; whoever calls ends it."""
        return Program(command, env, self.folder / f"{name}.log")

    def wait_drained(
        self,
        computation: AnyComputation,
        succeeded: int,
        seconds: float,
        pause_seconds: float = 0.005,
    ) -> None:
        """Wait until so many requests have succeeded since the store was emptied.

        Each look costs the machine some 0.2 ms, so that a longer pause suits what takes seconds.
        """
        wait_until(
            f"end of {succeeded} requests",
            lambda: self.store.count(computation).succeeded >= succeeded,
            seconds,
            pause_seconds,
        )

    def submit(self, computation: AnyComputation, items: Sequence[dict[str, Any]]) -> None:
        """Put requests on a queue; raise unless each is a new one."""
        parsed = [computation.parse(item) for item in items]
        outcomes = {each.outcome for each in self.store.submit(computation, parsed, most_bytes=0)}
        if outcomes != {"created"}:
            raise RuntimeError(f"not all of {len(items)} requests are new: {outcomes}")

    def values(self, computation: AnyComputation, items: Sequence[dict[str, Any]]) -> list[Any]:
        """Return the fresh values of parameters; None where there is none."""
        parsed = [computation.parse(item) for item in items]
        submissions = self.store.submit(computation, parsed)
        return [
            json.loads(each.result.value) if each.outcome == "fresh" and each.result else None
            for each in submissions
        ]


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
