"""Visitors: they look at their feed, like what they are fond of, and come again."""

from __future__ import annotations

import logging
import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from simulation.site import MOST_ACTIONS, Site
from simulation.world import World, category_of

LOOK_AT = 10
"""Pictures that a visitor looks at before he goes."""

_SEND_SECONDS = 1.0
_TELL_SECONDS = 5.0
_PAST = timedelta(days=20)

log = logging.getLogger(__name__)


class Visitors:
    """The people of a world, using a site; each visit is one person who looks at some pictures."""

    def __init__(self, world: World, site: Site, *, seed: int) -> None:
        """Let nobody visit yet; people have names of this run alone."""
        self._world = world
        self._site = site
        self._random = np.random.default_rng(seed)
        self._columns = {item: column for column, item in enumerate(world.items)}
        self._liked: defaultdict[int, set[str]] = defaultdict(set)
        self._name = f"person-{secrets.token_hex(2)}"
        self.tally: Counter[str] = Counter()

    def remember(self, actions: int) -> None:
        """Post about so many likes as having happened in the last weeks."""
        people = len(self._world.chances)
        rows, columns = self._world.likes(actions / people, int(self._random.integers(2**32)))
        ages = self._random.random(len(rows)) * _PAST.total_seconds()
        now = datetime.now(UTC)
        past = []
        for row, column, age in zip(rows.tolist(), columns.tolist(), ages.tolist(), strict=True):
            item = self._world.items[column]
            self._liked[row].add(item)
            at = (now - timedelta(seconds=age)).isoformat()
            past.append({"user": self._user(row), "item": item, "action": "like", "at": at})
        for first in range(0, len(past), MOST_ACTIONS):
            self.tally.update(self._site.act(past[first : first + MOST_ACTIONS]).counts)

    def visit(self, rate: float, seconds: float) -> None:
        """Act ``rate`` times a second, for so long."""
        started = sent = told = time.monotonic()
        waiting: list[dict[str, Any]] = []
        made = 0
        while (now := time.monotonic()) < started + seconds:
            if made < rate * (now - started):
                person = int(self._random.integers(len(self._world.chances)))
                actions = list(self._look(person))
                waiting += actions
                made += max(1, len(actions))
            else:
                time.sleep(0.01)
            if waiting and now - sent >= _SEND_SECONDS:
                self.tally.update(self._site.act(waiting).counts)
                waiting, sent = [], now
            if now - told >= _TELL_SECONDS:
                log.info("%s", self)
                told = now
        if waiting:
            self.tally.update(self._site.act(waiting).counts)
        log.info("%s", self)

    def __str__(self) -> str:
        """Tell how it goes, since the last telling what visitors saw."""
        seen, visits = max(1, self.tally["seen"]), max(1, self.tally["visits"])
        told = (
            f"accepted {self.tally['accepted']:,}, limited {self.tally['limited']:,}, invalid "
            f"{self.tally['invalid']:,}; of the last {self.tally['visits']} visits "
            f"{self.tally['personal'] / visits:.0%} had a feed of their own, "
            f"{self.tally['favourite'] / seen:.0%} of the pictures were of their favourite category"
        )
        for name in ("seen", "visits", "personal", "favourite"):
            del self.tally[name]
        return told

    def _look(self, person: int) -> Iterator[dict[str, Any]]:
        """Look at the first pictures that this person has not liked; yield what they do."""
        user, feed = self._user(person), self._site.feed(self._user(person))
        shown = feed["pictures"] if feed else self._random.permutation(self._world.items).tolist()
        shown = [item for item in shown if item in self._columns]
        shown = [item for item in shown if item not in self._liked[person]][:LOOK_AT]
        self.tally["visits"] += 1
        self.tally["personal"] += feed is not None and feed["kind"] == "personal"
        self.tally["seen"] += len(shown)
        self.tally["favourite"] += sum(
            category_of(item) == self._world.favourites[person] for item in shown
        )
        fondness = self._world.fondness(person)
        for item in shown:
            yield {"user": user, "item": item, "action": "view"}
            if self._random.random() < fondness[self._columns[item]]:
                self._liked[person].add(item)
                yield {"user": user, "item": item, "action": "like"}

    def _user(self, person: int) -> str:
        return f"{self._name}-{person}"
