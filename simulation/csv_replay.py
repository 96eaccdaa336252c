"""Replay real actions from a CSV file, in the order of the file."""

from __future__ import annotations

import csv
import logging
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from simulation.site import MOST_ACTIONS, Site

log = logging.getLogger(__name__)


class Misfit(Exception):
    """Raised for a file, or a line of it, that does not fit; the message names the line."""


def read_actions(path: Path, columns: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the actions of a file, whose ``columns`` for user, item, action and at are named so.

    The first line names the columns; without one for ``action`` all are likes, without one for
    ``at`` they happen now. A time is ISO 8601 or Unix seconds. Each action has the number of its
    line as its id, so that a file that is replayed twice counts once. Raises `Misfit`.
    """
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file, strict=True)
        named = {
            name: column for name, column in columns.items() if column in (reader.fieldnames or ())
        }
        for wanted in ("user", "item"):
            if wanted not in named:
                raise Misfit(
                    f"{path.name}: there is no column {columns[wanted]!r} in its first line"
                )
        try:
            for row in reader:
                yield _action(row, named, reader.line_num, path)
        except csv.Error as error:
            raise Misfit(f"{path.name}, line {reader.line_num}: {error}") from None


def replay(
    site: Site, actions: Iterator[dict[str, Any]], *, rate: float, batch: int = 1000
) -> Counter[str]:
    """Post actions, ``rate`` of them a second at most (0: as many as go); return the counts."""
    known, tally, started = set(site.items()), Counter[str](), time.monotonic()
    waiting: list[dict[str, Any]] = []
    for action in actions:
        if action["item"] not in known:
            tally["unknown items"] += 1
            continue
        waiting.append(action)
        if len(waiting) == min(batch, MOST_ACTIONS):
            _post(site, waiting, tally, started, rate)
            waiting = []
    if waiting:
        _post(site, waiting, tally, started, rate)
    return tally


def _post(
    site: Site,
    actions: Sequence[Mapping[str, Any]],
    tally: Counter[str],
    started: float,
    rate: float,
) -> None:
    tally.update(site.act(actions))
    log.info("%s", ", ".join(f"{name} {count:,}" for name, count in tally.items()))
    if rate:
        time.sleep(max(0.0, started + tally["accepted"] / rate - time.monotonic()))


def _action(
    row: Mapping[str, Any], named: Mapping[str, str], line: int, path: Path
) -> dict[str, Any]:
    told = {name: row[column] for name, column in named.items()}
    missing = [named[name] for name, text in told.items() if not text]
    if missing or None in row:
        what = f"has no {missing[0]}" if missing else "has too many fields"
        raise Misfit(f"{path.name}, line {line}: {what}")
    action = {"action": "like", **told, "id": f"{path.name}:{line}"}
    if "at" in told:
        action["at"] = _time(told["at"], line, path)
    return action


def _time(text: str, line: int, path: Path) -> float | str:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Misfit(f"{path.name}, line {line}: {text!r} is no time") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()
