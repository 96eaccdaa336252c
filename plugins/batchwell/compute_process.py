"""The compute process: a forked child runs the author's code, its parent keeps the leases.

The split keeps heartbeats going while C code holds the interpreter for hours, lets code that does
not return be ended, and turns a crash into the loss of one child instead of the worker. The
child inherits the loaded computation, so that any function will do, and runs at a lower priority
(nice), so that the web side of the same machine stays responsive.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from typing import Any, TypeAlias

from batchwell.artifact import Maker, saving_for
from batchwell.child_process import fork_child, told_end
from batchwell.computation import Computation
from batchwell.evaluate import Item, evaluate
from batchwell.outcomes import Outcome
from batchwell.progress import reporting_to

NICENESS = 10
_GATHER_SECONDS = 0.1
_PROGRESS_SECONDS = 0.25


@dataclass(frozen=True)
class Started:
    """A call of the function begins; told only where calls have a timeout."""


@dataclass(frozen=True)
class Progress:
    """What the running function reported, for item ``index`` or for all (None)."""

    index: int | None
    fraction: float
    message: str


@dataclass(frozen=True)
class Done:
    """All items of the batch have their outcome, or `ComputeProcess.stop` cut it short.

    ``outcomes`` are those that have not been told before.
    """

    outcomes: list[Outcome]


Message: TypeAlias = "list[Outcome] | Started | Progress | Done"


class ComputeProcessDied(Exception):
    """Raised when the child ended before it had answered; ``reason`` tells how."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ComputeProcess:
    """A child process that computes batches of one computation, one batch after another."""

    def __init__(self, computation: Computation[Any, Any]) -> None:
        """Fork the child."""
        self._channel, theirs = Pipe()
        self.pid = fork_child(lambda: _serve(computation, theirs, self._channel))
        theirs.close()
        self._poll = select.poll()  # the channel's own makes one anew each time
        self._poll.register(self._channel, select.POLLIN)

    def send(self, items: Sequence[Item], upstream: Mapping[str, str]) -> None:
        """Have the child compute these items, given these values of other computations."""
        try:
            self._channel.send((list(items), upstream))
        except OSError:
            raise ComputeProcessDied(self._reap()) from None

    def receive(self, timeout_seconds: float) -> Message | None:
        """Return the child's next message, or None after the timeout."""
        try:
            if self._poll.poll(1000 * timeout_seconds):
                message: Message = self._channel.recv()
                return message
        except (EOFError, OSError):
            raise ComputeProcessDied(self._reap()) from None
        # A process that the author's code forked may hold the channel open after the child's end.
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            raise ComputeProcessDied(self._reap())
        return None

    def stop(self) -> None:
        """Ask the child to end the batch after the current item."""
        with contextlib.suppress(OSError):
            self._channel.send(([], {}))

    def close(self) -> None:
        """End the child at once, whatever it does."""
        self._channel.close()
        self._reap()

    def _reap(self) -> str:
        if not self.pid:
            return "is not running"
        os.kill(self.pid, signal.SIGKILL)  # one that has ended already keeps its own status
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return told_end(status)


def _serve(computation: Computation[Any, Any], channel: Connection, theirs: Connection) -> None:
    """Compute batches until the parent hangs up; ``theirs`` is its end of the channel."""
    theirs.close()
    os.nice(NICENESS)
    gc.freeze()
    outbox = _Outbox(channel)
    with contextlib.suppress(EOFError, OSError):
        while True:
            _answer(computation, channel, outbox, *channel.recv())


class _Outbox:
    """What the child tells: quick outcomes together, each within a moment of being known.

    A thread sends them, so that no outcome waits for the call that was begun after it.
    """

    def __init__(self, channel: Connection) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self._gathered: list[Outcome] = []
        threading.Thread(target=self._send_now_and_then, daemon=True).start()

    def add(self, outcome: Outcome) -> None:
        with self._lock:
            self._gathered.append(outcome)

    def send(self, message: Started | Progress) -> None:
        """Send what was gathered, then the message."""
        with self._lock:
            self._flush()
            self._channel.send(message)

    def end(self) -> None:
        """Send what was gathered, and that it was the last: one message wakes the parent once."""
        with self._lock:
            self._channel.send(Done(self._gathered))
            self._gathered = []

    def _flush(self) -> None:
        if self._gathered:
            self._channel.send(self._gathered)
            self._gathered = []

    def _send_now_and_then(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                time.sleep(_GATHER_SECONDS)
                with self._lock:
                    self._flush()


def _answer(
    computation: Computation[Any, Any],
    channel: Connection,
    outbox: _Outbox,
    items: list[Item],
    upstream: Mapping[str, str],
) -> None:
    """Compute one batch; look now and then whether to cut it short."""
    current: int | None = None
    maker = Maker(computation.name)
    looked = reported = time.monotonic()

    def start(index: int | None) -> None:
        nonlocal current
        current = index
        maker.params = None if index is None else items[index][0]
        if computation.policy.timeout is not None:
            # All earlier ones settled, the parent knows whom an overdue call is to be blamed on.
            outbox.send(Started())

    def report(fraction: float, message: str) -> None:
        nonlocal reported
        now = time.monotonic()
        if fraction >= 1 or now - reported >= _PROGRESS_SECONDS:
            reported = now
            outbox.send(Progress(current, fraction, message))

    with reporting_to(report), saving_for(maker):
        for outcome in evaluate(computation, items, start, upstream):
            outbox.add(outcome)
            if (now := time.monotonic()) - looked >= _GATHER_SECONDS:
                looked = now
                if channel.poll():
                    break
    outbox.end()
