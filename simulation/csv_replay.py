"""Replay real actions from a CSV file, in the order of the file."""

from __future__ import annotations

import csv
import hashlib
import logging
import math
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from simulation.site import MOST_ACTIONS, Site

_TELLING_BYTES = 65536

log = logging.getLogger(__name__)


class Misfit(Exception):
    """Raised for a file, or a line of it, that does not fit; the message names the line."""


def read_actions(path: Path, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the actions of a file, whose ``columns`` for user, item, action and at are named so.

    The first line names the columns; without one for ``action`` all are likes, without one for
    ``at`` they happen now. A time is ISO 8601 or Unix seconds. Each action has an id by the file's
    beginning and its line, so that a file that is replayed twice counts once. Raises `Misfit`.
    """
    with path.open("rb") as beginning:
        mark = hashlib.blake2b(beginning.read(_TELLING_BYTES), digest_size=8).hexdigest()
    with path.open(newline="", encoding="utf-8-sig") as file:
        try:
            for line, action in _actions(file, columns):
                yield {**action, "id": f"{mark}:{line}"}
        except UnicodeDecodeError as error:
            raise Misfit(f"{path.name} is not UTF-8: {error.reason}") from None
        except Misfit as misfit:
            raise Misfit(f"{path.name}{misfit}") from None


def replay(
    site: Site, actions: Iterator[dict[str, Any]], *, rate: float, batch: int = 1000
) -> Counter[str]:
    """Post actions, ``rate`` of them a second at most (0: as many as go); return the counts.

    Those over their users' limit are posted again after the others, until none is.
    """
    replayed = _Replay(site, rate)
    known = set(site.items())
    waiting: list[Mapping[str, Any]] = []
    for action in actions:
        if action["item"] not in known:
            replayed.tally["unknown items"] += 1
            continue
        waiting.append(action)
        if len(waiting) == min(batch, MOST_ACTIONS):
            replayed.post(waiting)
            waiting = []
    while waiting or replayed.limited:
        if not waiting:
            waiting, replayed.limited = replayed.limited, []
            log.info("waiting until %d users may do more", len({one["user"] for one in waiting}))
            time.sleep(replayed.again_seconds)
        replayed.post(waiting)
        waiting = []
    return replayed.tally


class _Replay:
    """What became of the actions so far."""

    def __init__(self, site: Site, rate: float) -> None:
        self._site, self._rate = site, rate
        self._started = time.monotonic()
        self.tally: Counter[str] = Counter()
        self.limited: list[Mapping[str, Any]] = []
        self.again_seconds = 0.0

    def post(self, actions: Sequence[Mapping[str, Any]]) -> None:
        acted = self._site.act(actions)
        if acted.limited:
            self.limited += acted.limited
            self.again_seconds = acted.again_seconds
        self.tally.update(accepted=acted.counts["accepted"], invalid=acted.counts["invalid"])
        told = (f"{name} {count:,}" for name, count in self.tally.items())
        log.info("%s; %d over a limit", ", ".join(told), len(self.limited))
        if self._rate:
            due = self._started + self.tally["accepted"] / self._rate
            time.sleep(max(0.0, due - time.monotonic()))


def _actions(file: TextIO, columns: Mapping[str, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line's number and action."""
    reader = csv.DictReader(file, strict=True)
    try:
        present = reader.fieldnames or ()
        named = {name: column for name, column in columns.items() if column in present}
        for wanted in ("user", "item"):
            if wanted not in named:
                raise Misfit(f": there is no column {columns[wanted]!r} in its first line")
        for row in reader:
            yield reader.line_num, _action(row, named, reader.line_num)
    except csv.Error as error:
        raise Misfit(f", line {reader.line_num}: {error}") from None


def _action(row: Mapping[str, Any], named: Mapping[str, str], line: int) -> dict[str, Any]:
    told = {name: row[column] for name, column in named.items()}
    missing = [named[name] for name, text in told.items() if not text]
    if missing or None in row:
        what = f"has no {missing[0]}" if missing else "has too many fields"
        raise Misfit(f", line {line}: {what}")
    action = {"action": "like", **told}
    if "at" in told:
        action["at"] = _time(told["at"], line)
    return action


def _time(text: str, line: int) -> float | str:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if math.isfinite(seconds):
        return seconds
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Misfit(f", line {line}: {text!r} is no time") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
