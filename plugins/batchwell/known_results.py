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
        has = replies.mapping(fields)
        return cls(
            computation=computation,
            params=has["params"],
            value=has["value"],
            state="fresh" if has["state"] == "fresh" else "stale",
            read_at=int(has["now"]) / 1000,
            computed_at=int(has["computed_at"]) / 1000,
            fresh_until=replies.seconds(has["fresh_until"]),
            refreshed_by=request_id(computation, has["active"]) if has["active"] else None,
            request=request_id(computation, has["request"]),
            version=has["version"],
            generation=int(has["generation"]),
            attempt=int(has["attempt"]),
            duration_seconds=float(has["duration_seconds"]),
            batch_size=int(has["batch_size"]),
            dag_id=has["dag_id"] or None,
            run_id=has["run_id"] or None,
            last_error=(
                LastError(
                    at=int(has["failed_at"]) / 1000,
                    type=has["error_type"],
                    message=has["error_message"],
                )
                if "failed_at" in has
                else None
            ),
            refresh_early="early" in has,
        )
