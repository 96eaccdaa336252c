"""The delivery process: a forked child that delivers, while its parent computes.

A process and not a thread: the parent forks its compute process anew whenever that died, which is
safe only while it has no threads; and no receiver, however slow, holds up a heartbeat.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import time
from contextlib import suppress

from batchwell.child_process import fork_child, told_end
from batchwell.store import AnyComputation, Store

# What is under way is finished at the end: a call takes ten seconds at most, and is then recorded.
_END_SECONDS = 15.0
_AFTER_DEATH_SECONDS = 30.0

log = logging.getLogger(__name__)


class DeliveryProcess:
    """A child process that delivers for one computation; forked once it has something to do."""

    def __init__(self, store: Store, computation: AnyComputation) -> None:
        """Do nothing yet."""
        self._store = store
        self._computation = computation
        self._pid = 0
        self._channel: socket.socket | None = None
        self._not_before = 0.0

    def attend(self, due_seconds: float | None) -> None:
        """Have deliveries made, if some are due (0 seconds or less); None: none is owed."""
        if due_seconds is None or due_seconds > 0:
            return
        self._bury()
        if self._channel is not None:
            with suppress(BlockingIOError):  # it has been told often enough
                self._channel.send(b".")
        elif time.monotonic() >= self._not_before:
            self._fork()

    def is_worth_waiting(self, due_seconds: float | None, linger_seconds: float) -> bool:
        """Tell whether a worker that would end should stay, to have a delivery made."""
        able = time.monotonic() >= self._not_before
        return able and due_seconds is not None and due_seconds <= linger_seconds

    def close(self) -> int:
        """Let what is under way be finished, then end the child; return how many it delivered."""
        if self._channel is None:
            return 0
        self._channel.settimeout(_END_SECONDS)
        told = b""
        try:
            self._channel.shutdown(socket.SHUT_WR)
            while part := self._channel.recv(4096):
                told += part
        except OSError:
            os.kill(self._pid, signal.SIGKILL)
        self._channel.close()
        self._channel = None
        _, status = os.waitpid(self._pid, 0)
        if not told:
            log.warning(
                "the delivery process %s; what it had begun is made again", told_end(status)
            )
            return 0
        return int(json.loads(told).get("delivered", 0))

    def _fork(self) -> None:
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        theirs.setblocking(False)
        ours = self._channel
        self._pid = fork_child(lambda: _serve(self._store, self._computation, theirs, ours))
        theirs.close()

    def _bury(self) -> None:
        """Find out whether the child died, and leave it at that for a while."""
        if self._channel is None:
            return
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if pid:
            self._channel.close()
            self._channel = None
            self._not_before = time.monotonic() + _AFTER_DEATH_SECONDS
            log.error("the delivery process %s", told_end(status))


def _serve(
    store: Store, computation: AnyComputation, channel: socket.socket, theirs: socket.socket
) -> None:
    """Deliver until the parent hangs up, and tell it what was done."""
    theirs.close()
    from batchwell.deliverer import Deliverer  # what it needs takes a while to import

    async def deliver() -> None:
        deliverer = Deliverer(store, computation, channel)
        await deliverer.run()
        channel.setblocking(True)
        channel.sendall(json.dumps(deliverer.tally).encode())

    # Not closed: it would wait for threads that look up a name still.
    asyncio.new_event_loop().run_until_complete(deliver())
