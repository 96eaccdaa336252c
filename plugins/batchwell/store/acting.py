"""The verbs of the log of actions: take them in, and hand them on to the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from batchwell import replies
from batchwell.action_log import Action, ActionLog
from batchwell.errors import ActionsFull
from batchwell.keys import ACTION_LOG
from batchwell.replies import Fields
from batchwell.store.door import Door, encode

_CHUNK = 500


class Offered(NamedTuple):
    """An action that somebody tells of; ``at_ms`` None: now, by the store's clock."""

    user: str
    item: str
    action: str
    id: str
    at_ms: int | None


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """What became of offered actions: the places of those that are over their user's limit.

    All others were taken in. ``again_seconds``: when those users may send more.
    """

    limited: Sequence[int] = ()
    again_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """The oldest actions that wait, and the first and last entry of the log they are from."""

    actions: Sequence[Action]
    first: str = ""
    last: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Intake:
    """How the taking in of actions stands.

    ``accepted`` and ``collected`` ever; ``oldest_seconds``: how long the first has waited, below 0
    where the store's clock was set back since.
    """

    waiting: int
    oldest_seconds: float
    collectors: int
    accepted: int
    collected: int

    @classmethod
    def decode(cls, reply: Fields) -> Intake:
        """Read the reply of the intake script."""
        waiting, since, now, collectors, accepted, collected = map(replies.text, reply)
        return cls(
            waiting=int(waiting),
            oldest_seconds=(int(now) - int(since or now)) / 1000,
            collectors=int(collectors),
            accepted=int(accepted),
            collected=int(collected),
        )


class Acting(Door):
    """What the web app and the collectors do with actions."""

    def accept_actions(self, log: ActionLog, actions: Sequence[Offered]) -> Acceptance:
        """Take actions in, but for those that are over their user's limit in this minute.

        Atomic, one round trip where nobody is over his limit. Taken in again, as after a lost
        reply, an action is the same one by its user and id. Raises `ActionsFull`; nothing is taken
        in then.
        """
        left, again_seconds = dict(enumerate(actions)), 0.0
        while left:
            outcome, *told = self._accept(log, list(left.values()))
            if outcome == b"full":
                raise ActionsFull(int(told[0]))
            if outcome == b"accepted":
                break
            again_seconds = int(told[0]) / 1000
            over = zip(map(replies.text, told[1::2]), map(int, told[2::2]), strict=True)
            left = _within(left, dict(over))
        limited = [place for place in range(len(actions)) if place not in left]
        return Acceptance(limited=limited, again_seconds=again_seconds)

    def _accept(self, log: ActionLog, actions: Sequence[Offered]) -> Sequence[bytes | int]:
        counts = Counter(action.user for action in actions)
        words: list[int | bytes] = []
        for first in range(0, len(actions), _CHUNK):
            chunk = [tuple(action) for action in actions[first : first + _CHUNK]]
            words += [len(chunk), orjson.dumps(chunk)]
        reply: Sequence[bytes | int] = self._run(
            "accept",
            ACTION_LOG,
            encode(
                users=list(counts),
                counts=list(counts.values()),
                user_limit=log.user_limit,
                max_waiting=log.max_waiting,
                total=len(actions),
            ),
            *words,
            durable=self.durable,
        )
        return reply

    def gather_actions(self, collector: str, *, count: int, live_seconds: float) -> Gathered:
        """Read about ``count`` of the oldest actions; they stay until they are forgotten.

        The collector is held alive for ``live_seconds``; a ``count`` of 0 does no more than that.
        Read again, they are the same.
        """
        reply = self._run("gather", ACTION_LOG, count, collector, int(live_seconds * 1000))
        if not reply:
            return Gathered(actions=[])
        entries, texts, taken_ms = reply[::3], reply[1::3], map(int, reply[2::3])
        chunks = map(_decoded, texts, taken_ms)
        return Gathered(
            actions=[action for chunk in chunks for action in chunk],
            first=entries[0].decode(),
            last=entries[-1].decode(),
        )

    def forget_actions(self, gathered: Gathered) -> int:
        """Take off the log what is in the database by now, and count it as collected. Atomic.

        Returns how many this call took off: all of it or none. Of two collectors with the same, one
        takes it off.
        """
        first, last = gathered.first, gathered.last
        return int(self._run("forget", ACTION_LOG, first, last, len(gathered.actions)))

    def take_news(self, enough: int, *, teller: str) -> int:
        """Return how many collected ones no one was told of, or 0 for fewer than ``enough``.

        Atomic: of two who ask, one is told. ``teller`` tells others of them; if it took some last,
        it takes those again with the new ones, so that a killed one may begin anew.
        """
        return int(self._run("news", ACTION_LOG, enough, teller))

    def leave_actions(self, collector: str) -> None:
        """Note that a collector has ended."""
        self._run("leave", ACTION_LOG, collector)

    def intake(self) -> Intake:
        """Tell how many actions wait, and who collects them."""
        return Intake.decode(self._run("intake", ACTION_LOG))


def _within(actions: Mapping[int, Offered], allowed: Mapping[str, int]) -> dict[int, Offered]:
    """Return the first so many actions of each user who has a limit, and all of the others."""
    left, kept = dict(allowed), {}
    for place, action in actions.items():
        if action.user in left:
            if left[action.user] == 0:
                continue
            left[action.user] -= 1
        kept[place] = action
    return kept


def _decoded(text: bytes, taken_ms: int) -> list[Action]:
    """Read a chunk; what came without a time happened when it was taken in."""
    return [
        Action(user, item, action, action_id, taken_ms if at_ms is None else at_ms)
        for user, item, action, action_id, at_ms in orjson.loads(text)
    ]
