"""Collect: move the actions that wait in the store to their database, each exactly once."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from batchwell.actions_database import ActionsDatabase, open_actions_database
from batchwell.errors import StoreUnavailable
from batchwell.patience import patiently
from batchwell.store import Store
from batchwell.store.acting import Gathered

BATCH = 10_000
LIVE_SECONDS = 15.0

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class CollectSummary:
    """What one run collected: actions it moved, those of them that were new, batches."""

    moved: int
    added: int
    batches: int
    seconds: float


def collect(
    store: Store,
    actions_url: str,
    *,
    collector: str,
    most_seconds: float,
    patience_seconds: float,
    stop: threading.Event | None = None,
) -> CollectSummary:
    """Move actions until none waits, ``most_seconds`` have passed, or ``stop`` is set.

    Exactly once, whatever dies: an action leaves the store when it is in the database, which knows
    it by its user and id when it comes again. Several may collect at once. Raises
    `ActionsUnavailable` or `StoreUnavailable` when one of the two was away for
    ``patience_seconds``; what waits goes on waiting.
    """
    stop = stop or threading.Event()
    return _Collector(store, actions_url, collector, patience_seconds, stop).run(most_seconds)


class _Collector:
    """One run; `collect` makes it."""

    def __init__(
        self, store: Store, url: str, name: str, patience_seconds: float, stop: threading.Event
    ) -> None:
        self._store = store
        self._url = url
        self._name = name
        self._patience_seconds = patience_seconds
        self._stop = stop

    def run(self, most_seconds: float) -> CollectSummary:
        tally: Counter[str] = Counter()
        try:
            with self._patiently(partial(open_actions_database, self._url)) as database:
                started = time.monotonic()
                while time.monotonic() - started < most_seconds and self._move(database, tally):
                    pass
        finally:
            self._leave()
        return CollectSummary(
            moved=tally["moved"],
            added=tally["added"],
            batches=tally["batches"],
            seconds=time.monotonic() - started,
        )

    def _move(self, database: ActionsDatabase, tally: Counter[str]) -> bool:
        """Move one batch; False where nothing waits, or it is time to stop."""
        if self._stop.is_set():
            return False
        gathered = self._patiently(partial(self._gather, BATCH))
        if not gathered.actions:
            return False
        added = self._patiently(partial(database.add, gathered.actions))
        moved = self._patiently(partial(self._store.forget_actions, gathered))
        tally.update(moved=moved, added=added, batches=1)
        log.info("%d actions, %d of them new", len(gathered.actions), added)
        return True

    def _gather(self, count: int) -> Gathered:
        return self._store.gather_actions(self._name, count=count, live_seconds=LIVE_SECONDS)

    def _patiently(self, action: Callable[[], T]) -> T:
        """Do it, known as alive also while the database is away."""

        def attempt() -> T:
            self._gather(0)
            return action()

        return patiently(attempt, self._stop, seconds=self._patience_seconds)

    def _leave(self) -> None:
        try:
            self._store.leave_actions(self._name)
        except StoreUnavailable as error:
            log.warning("not signed off, the registration will lapse: %s", error)
