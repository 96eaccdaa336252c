"""The door to Redis: runs the scripts, and tells an unable server from an empty answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias

import orjson
from redis.exceptions import NoScriptError

from batchwell import keys
from batchwell.computation import Computation
from batchwell.connection import Client, at_home, pipe, round_trip, server_warnings
from batchwell.errors import StoreUnavailable
from batchwell.scripts import load_script, store_errors

RETAIN_SECONDS = 24 * 3600
"""How long the record of a finished request can be read; that of a failed one a week."""

RETAIN_MS = RETAIN_SECONDS * 1000
_DURABLE_MS = 2000

AnyComputation: TypeAlias = Computation[Any, Any]


class Door:
    """One connection to the server and the namespace of its keys; the verbs build on it."""

    def __init__(self, client: Client, *, namespace: str = "bw", durable: bool = False) -> None:
        """Use ``client``, which must not decode responses; all keys begin with ``namespace``.

        ``durable``: a submit is acknowledged once it is on the server's disk.
        """
        self.client = client
        self.namespace = namespace
        self.durable = durable

    def ping(self) -> None:
        """Raise `StoreUnavailable` unless the server answers."""
        with store_errors():
            self.client.ping()

    def warnings(self) -> list[str]:
        """Return a sentence for each setting of the server with which requests could be lost."""
        return server_warnings(self.client)

    def _run(
        self, verb: str, computation: str, *args: str | bytes | int, durable: bool = False
    ) -> Any:
        """Run a script on the computation's slot; ``durable``: wait until it is on disk."""
        script = load_script(verb)
        call = self._durably if durable else partial(round_trip, self.client)
        keys_and_args = (1, keys.root(self.namespace, computation), *args)
        with store_errors():
            try:
                return call("EVALSHA", script.sha, *keys_and_args)
            except NoScriptError:
                return call("EVAL", script.source, *keys_and_args)

    def _run_each(self, verb: str, calls: Mapping[str, Sequence[bytes]]) -> list[Any]:
        """Run a script for each computation, with its arguments, in one round trip."""
        script = load_script(verb)
        with store_errors():
            try:
                return self._pipe("EVALSHA", script.sha, calls)
            except NoScriptError:
                return self._pipe("EVAL", script.source, calls)

    def _pipe(self, command: str, script: str, calls: Mapping[str, Sequence[bytes]]) -> list[Any]:
        commands: list[tuple[str | bytes | int, ...]] = [
            (command, script, 1, keys.root(self.namespace, computation), *args)
            for computation, args in calls.items()
        ]
        return pipe(self.client, commands)

    def _durably(self, *command: str | bytes | int) -> Any:
        # On one connection: the server waits for the writes of the connection that asks.
        both = (command, ("WAITAOF", 1, 0, _DURABLE_MS))
        reply, (on_disk, _) = at_home(self.client, command, lambda server: pipe(server, both))
        if not on_disk:
            raise StoreUnavailable("the store has not confirmed that the request is on disk")
        return reply


def encode(**values: object) -> bytes:
    """Return a script's argument: the values as one JSON object."""
    try:
        return orjson.dumps(values)
    except TypeError:
        # An error's message may hold half a surrogate pair, which no UTF-8 can express.
        return json.dumps(values, ensure_ascii=False).encode(errors="replace")


def milliseconds(time: timedelta | float | None) -> int:
    """Return whole milliseconds; -1 for None."""
    if time is None:
        return -1
    seconds = time.total_seconds() if isinstance(time, timedelta) else time
    return int(seconds * 1000)
