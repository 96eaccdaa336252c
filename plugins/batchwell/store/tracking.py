"""Results read on a connection whose server tells of every change (CLIENT TRACKING)."""

from __future__ import annotations

import select
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError, ResponseError

from batchwell import keys
from batchwell.errors import StoreRefuses
from batchwell.known_results import Result
from batchwell.parameters import Parameters
from batchwell.scripts import load_script, store_errors
from batchwell.store.asking import read_arguments
from batchwell.store.door import AnyComputation, Door

Names = tuple[bytes, bytes, bytes]


class Tracking(Door):
    """What those who remember results ask of the store."""

    def tracked_reads(self) -> TrackedReads | None:
        """Return what reads results and hears of their changes; None in a cluster."""
        return TrackedReads(self.client, self.namespace) if isinstance(self.client, Redis) else None


class TrackedReads:
    """A connection of its own, made when it is needed; for one thread at a time, but `is_told`.

    Its server tells of each key that changes, and before it answers whoever changed it. What it
    tells piles up at the server until it is heard: close what is not used.
    """

    def __init__(self, client: Redis, namespace: str) -> None:
        pool = client.connection_pool
        # What the server tells comes between replies, which takes RESP3.
        self._connection: Any = pool.connection_class(**{**pool.connection_kwargs, "protocol": 3})
        self._namespace = namespace
        self._told: set[bytes] = set()
        self._told_of_all = False
        self._socket: int | None = None

    @property
    def is_told(self) -> bool:
        """Tell, without waiting, whether there is something to hear."""
        if self._socket is None:
            return True
        poll = select.poll()  # one is not safe among threads, and quickly made
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def names(self, computation: AnyComputation, parameters: Parameters) -> Names:
        """Return the keys by which changes are told: the result's two, and the generation's."""
        return (
            keys.result(self._namespace, computation.name, parameters.digest).encode(),
            keys.renewal(self._namespace, computation.name, parameters.digest).encode(),
            keys.generation(self._namespace, computation.name).encode(),
        )

    def read(self, computation: AnyComputation, parameters: Parameters) -> Result | None:
        """Do as `Store.read`; whatever changes from then on is told.

        Raises `StoreUnavailable`, and `StoreRefuses` for a server that does not track.
        """
        script = load_script("read")
        words = (
            1,
            keys.root(self._namespace, computation.name),
            *read_arguments(computation, parameters.digest),
        )
        with store_errors():
            try:
                if self._socket is None:
                    self._open()
                reply = self._ask("EVALSHA", script.sha, *words)
            except NoScriptError:
                reply = self._ask("EVAL", script.source, *words)
            except BaseException:
                self.close()
                raise
        return Result.decode(computation.name, reply)

    def changed(self) -> set[bytes] | None:
        """Return the keys that have changed since the last call; None: all may have.

        Raises `StoreUnavailable` where the connection was lost, and what was told with it.
        """
        with store_errors():
            self._hear_all()
        told, self._told = self._told, set()
        if self._told_of_all:
            self._told_of_all = False
            return None
        return told

    def close(self) -> None:
        """Close the connection: nothing is told any longer."""
        self._socket = None
        self._connection.disconnect()

    def _open(self) -> None:
        connection = self._connection
        connection.connect()
        connection._parser.set_invalidation_push_handler(self._hear)
        try:
            prefix = keys.roots(self._namespace)
            self._ask("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", prefix)
        except ResponseError as error:  # a proxy, or another server than Redis and Valkey
            raise StoreRefuses(f"the store does not tell of changes: {error}") from error
        self._socket = connection._sock.fileno()

    def _ask(self, *words: str | int) -> Any:
        self._connection.send_command(*words)
        reply = self._connection.read_response()
        self._hear_all()
        return reply

    def _hear_all(self) -> None:
        """Hear what is here, none of which may stay in a buffer: `is_told` looks at the socket."""
        while self._socket is not None and self._connection.can_read(0):
            self._connection.read_response(push_request=True)

    def _hear(self, message: Any) -> None:
        _, names = message
        self._told.update(names or ())
        self._told_of_all |= names is None
