"""The results that this process remembers: fresh ones, while nothing about them has changed.

A read that is remembered costs no round trip, and waits for no script that the server runs. What
keeps it right: the server tells of changes (`TrackedReads`), and what it has told is heard before
each such read, so that who was told of a change reads it. What it fails to tell costs a moment:
nothing is remembered for more than `MOST_SECONDS`, nor near the end of its freshness.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace

from batchwell.errors import StoreRefuses, StoreUnavailable
from batchwell.known_results import Result
from batchwell.parameters import Parameters
from batchwell.policy import Policy
from batchwell.store import AnyComputation, Store
from batchwell.store.tracking import Names, TrackedReads

MOST_SECONDS = 5.0
"""For so long a result is remembered; then the store is asked, and sees that it is still read."""

IDLE_SECONDS = 5.0
"""When nothing was read for so long, nothing is remembered, and the connection is closed."""

MOST_RESULTS = 10_000
MOST_BYTES = 64 * 1024
"""What a value may have; larger ones are not remembered."""

_TURN_SECONDS = 0.02
# Where the chance that a reader is to ask for a recompute (see read.lua) is not worth a look.
_EARLY_DURATIONS = 8

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Remembered:
    """A result as the store told it at a moment of this process's monotonic clock.

    ``until``: the moment when it is to be forgotten; already past where something has changed.
    """

    result: Result
    names: Names
    asked_at: float
    until: float


class ResultMemory:
    """Reads results; those that are read again and again, from memory. Safe among threads."""

    def __init__(self, store: Store) -> None:
        """Remember what is read of ``store``; no connection is made before the first read."""
        self._store = store
        self._tracked: TrackedReads | None = store.tracked_reads()
        self._known: dict[bytes, Remembered] = {}  # by both names of a result
        self._generations: set[bytes] = set()
        self._turn = threading.Lock()
        self._used_at = 0.0
        self._is_watched = False

    def read(
        self, computation: AnyComputation, parameters: Parameters
    ) -> tuple[Result | None, Remembered | None]:
        """Return the result as `Store.read` does, and what is remembered of it, if anything."""
        if self._tracked is None:
            return self._store.read(computation, parameters), None
        names = self._tracked.names(computation, parameters)
        known = self._known.get(names[0])
        if known is not None and (now := self.moment_of(known)) is not None:
            return replace(known.result, read_at=now), known
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            return self._store.read(computation, parameters), None
        try:
            return self._read_tracked(self._tracked, computation, parameters, names)
        finally:
            self._turn.release()

    def moment_of(self, known: Remembered) -> float | None:
        """Return the store's time now (Unix seconds) if this result still holds, else None."""
        if not self._is_up_to_date():
            return None
        self._used_at = now = time.monotonic()
        return known.result.read_at + now - known.asked_at if now < known.until else None

    def close(self) -> None:
        """Forget everything, and close the connection."""
        with self._turn:
            self._forget(None)
            if self._tracked is not None:
                self._tracked.close()

    def _is_up_to_date(self) -> bool:
        """Hear what the server told; False where that is not possible at once."""
        tracked = self._tracked
        if tracked is None:
            return False
        if not (self._turn.locked() or tracked.is_told):
            return True
        if not self._turn.acquire(timeout=_TURN_SECONDS):
            return False
        try:
            self._forget(tracked.changed())
        except StoreUnavailable:
            self._forget(None)
            tracked.close()
            return False
        finally:
            self._turn.release()
        return True

    def _read_tracked(
        self,
        tracked: TrackedReads,
        computation: AnyComputation,
        parameters: Parameters,
        names: Names,
    ) -> tuple[Result | None, Remembered | None]:
        self._used_at = asked_at = time.monotonic()
        try:
            result = tracked.read(computation, parameters)
            told = tracked.changed()
        except StoreUnavailable:
            self._forget(None)
            tracked.close()
            # A connection that broke may only have been idle for too long: `Store` tries again.
            if time.monotonic() - asked_at > _TURN_SECONDS:
                raise
            return self._store.read(computation, parameters), None
        except StoreRefuses as error:
            log.warning("results are not remembered, each read asks the store: %s", error)
            self._tracked = None
            return self._store.read(computation, parameters), None
        self._forget(told)
        self._watch()
        seconds = _seconds_to_remember(result, computation.policy)
        if result is None or seconds <= 0 or told is None or not told.isdisjoint(names):
            return result, None
        known = Remembered(result, names, asked_at, asked_at + seconds)
        self._forget({names[0]})  # the new one is the youngest
        for name in names[:2]:
            self._known[name] = known
        self._generations.add(names[2])
        if len(self._known) > 2 * MOST_RESULTS:
            self._forget({next(iter(self._known))})
        return result, known

    def _forget(self, told: set[bytes] | None) -> None:
        """Forget the results of these keys, and all of a generation that is among them.

        None: all there are.
        """
        known = self._known
        names = set(known) if told is None else told & known.keys()
        if told is not None and (begun := told & self._generations):
            names |= {name for name, one in list(known.items()) if one.names[2] in begun}
        for name in names:
            if (one := known.pop(name, None)) is not None:
                one.until = 0.0
                for other in one.names[:2]:
                    known.pop(other, None)

    def _watch(self) -> None:
        if not self._is_watched:
            self._is_watched = True
            threading.Thread(target=self._close_when_idle, name="idle", daemon=True).start()

    def _close_when_idle(self) -> None:
        """Let the connection go when nobody reads: what it is told would pile up at the server."""
        while (left := self._used_at + IDLE_SECONDS - time.monotonic()) > 0:
            time.sleep(left)
        self._is_watched = False
        self.close()


def _seconds_to_remember(result: Result | None, policy: Policy) -> float:
    """Return how long a result may be told without asking; 0 for one that is about to change."""
    if result is None or result.state != "fresh" or len(result.value) > MOST_BYTES:
        return 0.0
    if result.refreshed_by is not None or result.refresh_early:
        return 0.0
    seconds = MOST_SECONDS
    if result.fresh_until is not None:
        left = result.fresh_until - result.read_at
        seconds = min(seconds, left - _EARLY_DURATIONS * result.duration_seconds)
    if policy.hot_for is not None:
        seconds = min(seconds, policy.hot_for.total_seconds() / 8)
    return seconds
