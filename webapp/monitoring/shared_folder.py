"""A folder in which the processes of one web app lay open their figures to each other.

Each process holds a place, the files ``<number>.lock`` (locked while it lives) and
``<number>.json``. A new process takes the place of one that has ended and counts on from there, so
that no counter ever falls and the folder stays as small as the most processes that lived at once.
"""

from __future__ import annotations

import fcntl
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO, TypeAlias

import orjson

Figures: TypeAlias = "dict[tuple[str, ...], list[float]]"


class Place:
    """The place of this process; it is free again once the process has ended."""

    def __init__(self, folder: Path) -> None:
        """Take the first free place; raises `OSError` where the folder cannot be used."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in itertools.count():
            self._lock = (folder / f"{number}.lock").open("a")
            self._path = folder / f"{number}.json"
            if _try_lock(self._lock, fcntl.LOCK_EX):
                break
            self._lock.close()

    def read(self) -> Figures:
        """Return the figures that were written here last."""
        return _read(self._path)

    def write(self, figures: Mapping[tuple[str, ...], list[float]]) -> None:
        """Replace the figures; a reader sees the old ones or the new."""
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps([[list(key), cell] for key, cell in figures.items()]))
        fresh.replace(self._path)

    def close(self) -> None:
        """Leave the place to the next process."""
        self._lock.close()


def read_folder(folder: Path) -> list[tuple[Figures, bool]]:
    """Return the figures of each place, and whether its process lives."""
    found = []
    for path in sorted(folder.glob("*.json")):
        with path.with_suffix(".lock").open("a") as lock:
            lives = not _try_lock(lock, fcntl.LOCK_SH)
        found.append((_read(path), lives))
    return found


def _try_lock(file: TextIO, kind: int) -> bool:
    """Lock the file until it is closed; False where another's lock forbids it."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(path: Path) -> Figures:
    try:
        pairs = orjson.loads(path.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return {tuple(key): cell for key, cell in pairs}
