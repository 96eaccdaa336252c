"""What this process has done, counted; and what all processes of the web app have, added up.

The counts are plain numbers behind a lock, laid open to the other processes once a second. The
memory-mapped values of prometheus_client cost a cached read several times as much
(docs/monitoring.md has the figures).
"""

from __future__ import annotations

import atexit
import logging
import threading
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.monitoring.shared_folder import Figures, Place, read_folder

BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
"""Where the buckets of durations end, but for the last, which has no end."""

OPEN = "open"
"""What keys of gauges begin with: they count for living processes only."""

_PUBLISH_SECONDS = 1.0
_ALONE = "the figures of this process are its own alone from now on: %s"
# Figures of other buckets than ours cannot be added to ours.
_LAYOUT = f"{zlib.crc32(repr(BOUNDS_SECONDS).encode()):08x}"

log = logging.getLogger(__name__)


class Tallies:
    """Counts by key, a tuple of texts whose first says what is counted. Safe among threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Share the counts in ``folder``, or with nobody. Nothing is opened before the first."""
        self._folder = folder and folder / _LAYOUT
        self._lock = threading.Lock()
        self._publishing = threading.Lock()
        self._figures: Figures = {}
        self._place: Place | None = None
        self._is_shared = folder is None

    def add(self, *key: str, amount: int = 1) -> None:
        """Count ``amount`` more of something."""
        with self._lock:
            try:
                self._figures[key][0] += amount
            except KeyError:
                self._figures[key] = [amount]
        if not self._is_shared:
            self._share()

    def observe(self, seconds: float, *key: str) -> None:
        """Count a duration: a number for each bucket, then the sum of all."""
        with self._lock:
            try:
                cell = self._figures[key]
            except KeyError:
                cell = self._figures[key] = [0.0] * (len(BOUNDS_SECONDS) + 2)
            cell[bisect_left(BOUNDS_SECONDS, seconds)] += 1
            cell[-1] += seconds
        if not self._is_shared:
            self._share()

    @contextmanager
    def holding(self, kind: str) -> Iterator[None]:
        """Count an answer of this kind as open for the length of the block."""
        self.add(OPEN, kind)
        try:
            yield
        finally:
            self.add(OPEN, kind, amount=-1)

    def total(self) -> tuple[Figures, int]:
        """Return the figures of all processes, and how many processes live.

        No counter of it ever falls: our own figures are laid open before they are told.
        """
        if self._place is None or self._folder is None:
            return self._copy(), 1
        self.publish()
        found = read_folder(self._folder)
        living = [figures for figures, lives in found if lives]
        ended = [_without_open(figures) for figures, lives in found if not lives]
        return _sum([*living, *ended]), len(living)

    def publish(self) -> None:
        """Lay the figures open to the other processes."""
        with self._publishing:
            if self._place is not None:
                try:
                    self._place.write(self._copy())
                except OSError as error:
                    self._place = None
                    log.warning(_ALONE, error)

    def _share(self) -> None:
        """Take a place in the folder, in the process that counts: it may be a fork of another."""
        with self._lock:
            if self._is_shared or self._folder is None:
                return
            self._is_shared = True
            try:
                self._place = Place(self._folder)
            except OSError as error:
                log.warning(_ALONE, error)
                return
            self._figures = _sum([self._figures, _without_open(self._place.read())])
        threading.Thread(target=self._publish_now_and_then, daemon=True).start()
        atexit.register(self.publish)

    def _publish_now_and_then(self) -> None:
        pause = threading.Event()
        while not pause.wait(_PUBLISH_SECONDS):
            self.publish()

    def _copy(self) -> Figures:
        with self._lock:
            return _sum([self._figures])


def _sum(parts: Iterable[Figures]) -> Figures:
    total: Figures = {}
    for part in parts:
        for key, cell in part.items():
            known = total.get(key)
            total[key] = [a + b for a, b in zip(known, cell, strict=True)] if known else list(cell)
    return total


def _without_open(figures: Figures) -> Figures:
    return {key: cell for key, cell in figures.items() if key[0] != OPEN}
