"""The results that were computed last, and those that were read last, at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from batchwell import replies


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownValue:
    """A result, without where it comes from; ``value`` is None where its JSON is long.

    ``read_seconds`` is how long ago its last noted read is, None where none is.
    """

    params: str
    state: Literal["fresh", "stale"]
    computed_at: float
    age_seconds: float
    read_seconds: float | None
    length: int
    value: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recent:
    """Results, the latest first: as they were computed, and as they were read."""

    computed: Sequence[KnownValue]
    read: Sequence[KnownValue]

    @classmethod
    def decode(cls, reply: Sequence[Any]) -> Recent:
        """Read the reply of the recent script."""
        now, computed, read = reply
        return cls(
            computed=[_known_value(one, int(now)) for one in computed],
            read=[_known_value(one, int(now)) for one in read],
        )


def _known_value(fields: Sequence[bytes | int], now_ms: int) -> KnownValue:
    params, state, computed_at, read_at, length, value = map(replies.text, fields)
    return KnownValue(
        params=params,
        state="fresh" if state == "fresh" else "stale",
        computed_at=int(computed_at) / 1000,
        age_seconds=(now_ms - int(computed_at)) / 1000,
        read_seconds=(now_ms - float(read_at)) / 1000 if read_at else None,
        length=int(length),
        value=value or None,
    )
