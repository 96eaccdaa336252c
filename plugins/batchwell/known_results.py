"""Results as they come out of the store: immutable, times in seconds, JSON kept as text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from batchwell import replies
from batchwell.identifiers import request_id
from batchwell.replies import Fields


@dataclass(frozen=True, kw_only=True, slots=True)
class LastError:
    """The error of a recompute that failed after the last good value was computed."""

    at: float
    type: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The last good value for one set of parameters, as it was at ``read_at``.

    ``last_error`` is that of a recompute that failed since; ``refresh_early`` asks the reader of
    a hot value to have it recomputed before it goes stale.
    """

    computation: str
    params: str
    value: str
    state: Literal["fresh", "stale"]
    read_at: float
    computed_at: float
    fresh_until: float | None
    refreshed_by: str | None
    request: str
    version: str
    generation: int
    attempt: int
    duration_seconds: float
    batch_size: int
    dag_id: str | None
    run_id: str | None
    last_error: LastError | None
    refresh_early: bool

    @property
    def age_seconds(self) -> float:
        """How old the value was when it was read."""
        return self.read_at - self.computed_at

    @classmethod
    def decode(cls, computation: str, fields: Fields) -> Result | None:
        """Read the reply of a script; None for an empty one."""
        if not fields:
            return None
        value, state, now, renewal, early, computed_at, fresh_until, *origin = map(
            replies.text, fields
        )
        version, generation, params, request, attempt, seconds, size, dag_id, run_id = origin[:9]
        failed = origin[9:]
        return cls(
            computation=computation,
            params=params,
            value=value,
            state="fresh" if state == "fresh" else "stale",
            read_at=int(now) / 1000,
            computed_at=int(computed_at) / 1000,
            fresh_until=replies.seconds(fresh_until),
            refreshed_by=request_id(computation, renewal) if renewal else None,
            request=request_id(computation, request),
            version=version,
            generation=int(generation),
            attempt=int(attempt),
            duration_seconds=float(seconds),
            batch_size=int(size),
            dag_id=dag_id or None,
            run_id=run_id or None,
            last_error=(
                LastError(at=int(failed[0]) / 1000, type=failed[1], message=failed[2])
                if failed
                else None
            ),
            refresh_early=early == "1",
        )
