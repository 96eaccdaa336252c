"""Deliveries: messages of a request's end, each owed to one URL until it is delivered or dead."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from batchwell.identifiers import request_id
from batchwell.replies import mapping, seconds, text

RETRY_SECONDS = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600)
"""How long after each failed attempt the next one is due; after the last the delivery is dead."""

MOST_ATTEMPTS = len(RETRY_SECONDS) + 1
MOST_RETRY_AFTER_SECONDS = 12 * 3600.0
BUSY = (429, 503)
"""Statuses whose ``Retry-After`` is honoured."""

_GONE = 410


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A message that is or was owed to a URL.

    ``event`` is the status in which the request ended; ``due_at`` is set while it is owed;
    ``answer`` is the HTTP status of the last attempt, ``error`` says why it failed.
    """

    id: str
    request: str
    event: str
    url: str
    status: Literal["owed", "delivered", "dead"]
    attempts: int
    owed_at: float
    attempted_at: float | None
    due_at: float | None
    answer: int | None
    error: str

    @classmethod
    def decode(cls, computation: str, reply: Sequence[Any]) -> Delivery | None:
        """Read a delivery as the scripts reply it; None for one that is unknown."""
        name, due, fields = reply
        if not fields:
            return None
        has = mapping(fields)
        token = text(name).rpartition("-")[0]
        return cls(
            id=f"{computation}-{text(name)}",
            request=request_id(computation, token),
            event=has["event"],
            url=has["url"],
            status=has["status"],  # type: ignore[arg-type]  # what the scripts write
            attempts=int(has["attempts"]) - int(has.get("skipped", 0)),
            owed_at=int(has["owed_at"]) / 1000,
            attempted_at=seconds(has.get("attempted_at")),
            due_at=seconds(text(due)),
            answer=int(has["answer"]) if has.get("answer") else None,
            error=has.get("error", ""),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A lease on one delivery; ``attempt`` is the fencing token, ``tries`` counts this round's."""

    id: str
    request: str
    event: str
    url: str
    attempt: int
    tries: int

    @classmethod
    def decode(cls, computation: str, reply: Sequence[Any]) -> Taken:
        """Read one item of the reply of the take script."""
        name, attempts, spent, url, event = reply
        token = text(name).rpartition("-")[0]
        return cls(
            id=f"{computation}-{text(name)}",
            request=request_id(computation, token),
            event=text(event),
            url=text(url),
            attempt=attempts,
            tries=attempts - spent,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one attempt met with: a status, or no answer at all, which ``error`` explains."""

    status: int | None = None
    error: str = ""
    retry_after_seconds: float | None = None

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver took the message."""
        return self.status is not None and 200 <= self.status < 300


def delay_after(answer: Answer, tries: int) -> float | None:
    """Return in how many seconds to try again after so many failed attempts; None: never.

    Later each time, and a little more by chance, so that what failed together does not come
    together again. A busy receiver may ask for more.
    """
    if answer.status == _GONE or tries > len(RETRY_SECONDS):
        return None
    delay_seconds = RETRY_SECONDS[tries - 1] * random.uniform(1.0, 1.2)
    if answer.status in BUSY and answer.retry_after_seconds is not None:
        wanted_seconds = min(answer.retry_after_seconds, MOST_RETRY_AFTER_SECONDS)
        delay_seconds = max(delay_seconds, wanted_seconds)
    return delay_seconds
