"""Follow requests: one thread hears what changes, and wakes whoever waits for it."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from batchwell.errors import BatchwellError, StoreUnavailable
from batchwell.identifiers import split_request_id
from batchwell.records import Standing, Status
from batchwell.store import Store
from batchwell.store.following import Heard

LOOK_SECONDS = 2.0
"""How late a change is seen whose message was lost."""

IDLE_SECONDS = 10.0
"""How long the thread outlives the last who follows."""

# Requests that only wait behind those that change are looked at less often, the more there are.
_STIR_SECONDS = 0.25
_STIR_SECONDS_EACH = 0.004
_AGAIN_SECONDS = 0.5
_CHUNK = 500

log = logging.getLogger(__name__)


def _stays() -> bool:
    return False


class Followed:
    """A request that one client follows; the client's thread sleeps in `wait`.

    ``standing`` is what was last seen, None before the first look; of one who waits for the
    ``end_only`` there may be none until then. Once ``is_cut`` the client is
    gone, or this process ends: nothing more will be seen.
    """

    def __init__(self, is_gone: Callable[[], bool], end_only: bool) -> None:
        self.end_only = end_only
        self.standing: Standing | None = None
        self.is_cut = False
        self.is_gone = is_gone
        self._changed = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Sleep until something has changed since the last wait; False when the time has passed."""
        changed = self._changed.wait(max(0.0, seconds))
        self._changed.clear()
        return changed

    def tell(self, standing: Standing) -> None:
        """Wake the sleeper if this is news."""
        if standing != self.standing:
            self.standing = standing
            self._changed.set()

    def cut(self) -> None:
        """Wake the sleeper for the last time."""
        self.is_cut = True
        self._changed.set()


class Follower:
    """All that the clients of this process follow.

    The thread runs while it is needed, and looks at everything now and then, so that a lost
    message costs `LOOK_SECONDS` and no client hangs. A forked child begins anew.
    """

    def __init__(self, store: Store) -> None:
        """Use ``store``; nothing is asked before somebody follows."""
        self._store = store
        self._begin()
        _followers.add(self)

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._followed: defaultdict[str, dict[str, list[Followed]]] = defaultdict(dict)
        self._thread: threading.Thread | None = None
        self._closed = False
        self._stirred: set[str] = set()
        self._look_at = self._stir_at = self._idle_since = 0.0

    @contextmanager
    def follow(
        self, request_id: str, is_gone: Callable[[], bool] = _stays, *, end_only: bool = False
    ) -> Iterator[Followed]:
        """Follow a request for the length of the block, or wait for its end alone.

        ``is_gone``, asked now and then by the thread, tells that the client has hung up.
        """
        computation, token = split_request_id(request_id)
        followed = Followed(is_gone, end_only)
        with self._lock:
            if self._closed:
                followed.cut()
            if self._thread is None:
                thread = threading.Thread(target=self._run, name="follower", daemon=True)
                thread.start()
                self._thread = thread
            self._followed[computation].setdefault(token, []).append(followed)
        try:
            yield followed
        finally:
            with self._lock:
                those = self._followed[computation][token]
                those.remove(followed)
                if not those:
                    del self._followed[computation][token]

    def close(self) -> None:
        """Cut everyone off, also those who come later: this process ends."""
        with self._lock:
            self._closed = True
            for followed in self._all():
                followed.cut()

    def _run(self) -> None:
        try:
            self._keep_looking()
        finally:
            with self._lock:
                if self._thread is threading.current_thread():
                    self._thread = None  # so that the next who follows starts another

    def _keep_looking(self) -> None:
        is_away = False
        while self._is_wanted():
            try:
                with self._store.changes() as changes:
                    while self._is_wanted():
                        self._look(self._due(changes.hear(self._patience())))
                        is_away = False
                return
            except BatchwellError as error:
                if not is_away:
                    log.warning("cannot follow now, trying again: %s", error)
                is_away = True
            except Exception:  # whatever it was, nobody may hang for it
                log.exception("following failed, trying again")
            time.sleep(_AGAIN_SECONDS)
            try:
                self._look(self._due(Heard(is_new=True)))
            except BatchwellError:
                continue  # told of by the next try
            except Exception:
                log.exception("looking at what is followed failed, trying again")

    def _is_wanted(self) -> bool:
        with self._lock:
            if self._thread is not threading.current_thread():
                return False  # it has said before that it ends
            now = time.monotonic()
            if any(self._followed.values()):
                self._idle_since = now
            if now - self._idle_since <= (0 if self._closed else IDLE_SECONDS):
                return True
            self._thread = None
            return False

    def _patience(self) -> float:
        """Return how long to wait for a message: until the next look is due."""
        until = min(self._look_at, self._stir_at) if self._stirred else self._look_at
        return max(0.0, until - time.monotonic())

    def _due(self, heard: Heard) -> dict[str, Collection[str]]:
        """Return which requests to look at, by computation."""
        now = time.monotonic()
        with self._lock:
            if heard.is_new or now >= self._look_at:
                self._look_at = now + LOOK_SECONDS
                self._stirred.clear()
                self._let_go()
                return {name: list(those) for name, those in self._followed.items() if those}
            due: dict[str, Collection[str]] = {
                name: {
                    token
                    for token in tokens & self._followed[name].keys()
                    if token in heard.ended or self._is_watched(self._followed[name][token])
                }
                for name, tokens in heard.tokens.items()
                if name in self._followed
            }
            self._stirred |= due.keys()
            if self._stirred and now >= self._stir_at:
                for name in self._stirred:
                    due[name] = self._waiting(name).union(due.get(name, ()))
                pause = _STIR_SECONDS_EACH * sum(map(len, self._followed.values()))
                self._stir_at = now + max(_STIR_SECONDS, pause)
                self._stirred.clear()
            return due

    def _waiting(self, computation: str) -> set[str]:
        return {
            token
            for token, those in self._followed[computation].items()
            if self._is_watched(those)
            and any(one.standing is None or one.standing.status is Status.PENDING for one in those)
        }

    @staticmethod
    def _is_watched(those: Collection[Followed]) -> bool:
        return not all(one.end_only for one in those)

    def _look(self, due: dict[str, Collection[str]]) -> None:
        for computation, tokens in due.items():
            chosen = list(tokens)
            for first in range(0, len(chosen), _CHUNK):
                try:
                    seen = self._store.look(computation, chosen[first : first + _CHUNK])
                except StoreUnavailable:
                    with self._lock:  # others may be on another node: from now on this one is last
                        self._followed[computation] = self._followed.pop(computation, {})
                    raise
                with self._lock:
                    for token, standing in seen.items():
                        for followed in self._followed[computation].get(token, ()):
                            followed.tell(standing)

    def _let_go(self) -> None:
        """Wake those whose clients have hung up."""
        for followed in self._all():
            if not followed.is_cut and followed.is_gone():
                followed.cut()

    def _all(self) -> Iterator[Followed]:
        for those in self._followed.values():
            for followed in those.values():
                yield from followed


_followers: weakref.WeakSet[Follower] = weakref.WeakSet()


def close_all() -> None:
    """Cut off everyone who follows anything in this process, which ends."""
    for follower in list(_followers):
        follower.close()


def _begin_all() -> None:
    for follower in _followers:
        follower._begin()


os.register_at_fork(after_in_child=_begin_all)
