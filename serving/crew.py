"""The threads that serve: one at a time, and another as soon as that one is held up.

Python runs one thread at a time. Two that serve at once hinder one another, and the one that waits
for the interpreter while it has a request in hand may wait for hundreds of others. So a thread that
waits for something says so, and one that is held up without a word is relieved.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

LOOK_SECONDS = 0.01
"""How often one looks whether a thread is held up: who is twice found at the same work is."""

_ANYWAY_SECONDS = 0.1
_LULL_SECONDS = 1.0
_WAY_SECONDS = 0.0001

_own = threading.local()


@contextmanager
def stepping_aside() -> Iterator[None]:
    """Wait, within the block, without being counted as one who serves.

    Another thread serves meanwhile. Outside a crew it does nothing.
    """
    member: _Member | None = getattr(_own, "member", None)
    if member is None:
        yield
        return
    member.crew.step_aside(member)
    try:
        yield
    finally:
        member.crew.step_back(member)


class _Member:
    """One of the threads. ``work`` counts beginnings and ends: while it is odd, it is at work."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.work = 0
        self.seen_at = 0
        self.seen_since = 0.0
        self.is_aside = self.is_relieved = False


class Crew:
    """Has threads take work and do it: one at a time, besides those held up or stepping aside.

    At most ``size`` are at work at once, those that step aside not counted. The threads hold up no
    end of the process.
    """

    def __init__(
        self,
        size: int,
        *,
        take: Callable[[], Any],
        do: Callable[[Any], object],
        wake: Callable[[], object],
    ) -> None:
        """Use ``take``, which waits for work, and ``do``, which does it and raises nothing.

        ``wake`` is called where `relieve` is to be called again.
        """
        self._size = size
        self._take = take
        self._do = do
        self._wake = wake
        self._lock = threading.Lock()
        self._called = threading.Semaphore(0)
        self._members: set[_Member] = set()
        self._serving = self._relieved = self._resting = 0
        self._busy_until = self._looked_at = 0.0
        self._is_watched = False

    def start(self) -> None:
        """Begin to take work."""
        with self._lock:
            self._man()

    def relieve(self) -> bool:
        """Put another in the place of those that are held up.

        True: to be called again after `LOOK_SECONDS`; False: once ``wake`` is called.
        """
        self._is_watched = False
        now = time.monotonic()
        # Where we are late ourselves the machine is busy; another thread would make it busier.
        is_late, self._looked_at = now - self._looked_at > 2 * LOOK_SECONDS, now
        for member in list(self._members):
            work = member.work
            if work % 2 and not member.is_aside:
                self._busy_until = now + _LULL_SECONDS
                if member.seen_at != work:
                    member.seen_at, member.seen_since = work, now
                elif not is_late or now - member.seen_since > _ANYWAY_SECONDS:
                    self._relieve(member)
        self._is_watched = now < self._busy_until
        return self._is_watched

    def _relieve(self, member: _Member) -> None:
        with self._lock:
            is_held_up = member.work == member.seen_at and not member.is_aside
            if is_held_up and not member.is_relieved and self._relieved < self._size - 1:
                member.is_relieved = True
                self._relieved += 1
                self._leave()

    def step_aside(self, member: _Member) -> None:
        """Have another in the place of this one, which waits."""
        with self._lock:
            member.is_aside = True
            if not self._end_relief(member):
                self._leave()

    def step_back(self, member: _Member) -> None:
        """Go on with the work; there is one too many until either of the two has done its own."""
        with self._lock:
            self._serving += 1
            member.is_aside = False
            member.work += 2

    def _leave(self) -> None:
        self._serving -= 1
        self._man()

    def _man(self) -> None:
        if self._serving:
            return
        self._serving = 1
        if self._resting:
            self._resting -= 1
            self._called.release()
        else:
            threading.Thread(target=self._work, name="serving", daemon=True).start()

    def _end_relief(self, member: _Member) -> bool:
        was, member.is_relieved = member.is_relieved, False
        self._relieved -= was
        return was

    def _work(self) -> None:
        _own.member = member = _Member(self)
        self._members.add(member)
        while self._stays(member):
            work = self._take()
            member.work += 1
            if not self._is_watched:
                self._is_watched = True
                self._wake()
            self._do(work)
            member.work += 1
            if self._relieved > member.is_relieved:
                # The relieved could wait for the interpreter until there is no more work.
                time.sleep(_WAY_SECONDS)
        self._members.discard(member)

    def _stays(self, member: _Member) -> bool:
        """Rest while another serves; False where enough rest already."""
        if self._serving <= 1 and not member.is_relieved:
            return True
        with self._lock:
            self._serving += self._end_relief(member)
            if self._serving <= 1:
                return True
            self._serving -= 1
            if self._resting >= self._size:
                return False
            self._resting += 1
        return self._called.acquire()
