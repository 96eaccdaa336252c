"""What happened to a computation, by the minute or by the hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

Span: TypeAlias = Literal["minutes", "hours"]

_SIZES: dict[Span, tuple[int, int]] = {"minutes": (60, 180), "hours": (3600, 168)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """What happened in the minute or hour that began at ``at`` (Unix time).

    ``waited_most`` is the deepest that the queue was seen, ``latency`` the time from submit
    to value.
    """

    at: int
    submitted: int
    succeeded: int
    failed: int
    batches: int
    batched: int
    latency_seconds: float
    computing_seconds: float
    waited_most: int
    largest_batch: int
    slowest_seconds: float

    @property
    def mean_latency_seconds(self) -> float | None:
        """From submit to value, on average; None where there was no value."""
        return self.latency_seconds / self.succeeded if self.succeeded else None

    @property
    def mean_batch(self) -> float | None:
        """Requests in a batch, on average; None where there was no batch."""
        return self.batched / self.batches if self.batches else None


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """The moments in which something was noted, the oldest first, up to ``until`` (Unix time).

    Each is ``step_seconds`` long; the first there could be began at ``since``.
    """

    since: int
    until: float
    step_seconds: int
    moments: Sequence[Moment]

    @classmethod
    def decode(cls, span: Span, reply: Sequence[int | list[int]]) -> History:
        """Read the reply of the history script."""
        step_seconds, size = _SIZES[span]
        now, *cells = reply
        assert isinstance(now, int)
        newest = now // 1000 // step_seconds
        moments = [_moment(cell, step_seconds) for cell in cells if isinstance(cell, list)]
        return cls(
            since=(newest - size + 1) * step_seconds,
            until=now / 1000,
            step_seconds=step_seconds,
            moments=sorted(moments, key=lambda moment: moment.at),
        )


def _moment(cell: list[int], step_seconds: int) -> Moment:
    number, submitted, succeeded, failed, batches, batched, latency, computing, *most = cell
    deepest, largest, slowest = most
    return Moment(
        at=number * step_seconds,
        submitted=submitted,
        succeeded=succeeded,
        failed=failed,
        batches=batches,
        batched=batched,
        latency_seconds=latency / 1000,
        computing_seconds=computing / 1000,
        waited_most=deepest,
        largest_batch=largest,
        slowest_seconds=slowest / 1000,
    )
