"""The policy of a computation: its freshness, limits and patience."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from batchwell.errors import DefinitionError

_ZERO = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The decorator arguments of ``@computation``; a bad one raises `DefinitionError` naming it.

    - ``fresh_for``: how long a value counts as fresh; None: until invalidated.
    - ``keep_for``: how long after computing a value is still served, stale or not.
    - ``version``: of the code; values of another version are stale.
    - ``timeout``: of one call of the function; None: no limit.
    - ``max_attempts``, ``retry_backoff``: tries in all; wait before the second, then doubling.
    - ``max_batch``: most requests that one worker claims at once.
    - ``max_wait``: how long an idle worker lets a batch fill after the first request.
    - ``max_pending``: most requests that may wait; more are refused.
    - ``linger``: how long an idle drain worker waits for more before it ends.
    - ``workers``: most drain workers at once.
    """

    fresh_for: timedelta | None = timedelta(hours=1)
    keep_for: timedelta = timedelta(days=30)
    version: str = "1"
    timeout: timedelta | None = None
    max_attempts: int = 3
    retry_backoff: timedelta = timedelta(seconds=2)
    max_batch: int = 500
    max_wait: timedelta = _ZERO
    max_pending: int = 1_000_000
    linger: timedelta = timedelta(seconds=10)
    workers: int = 2

    def __post_init__(self) -> None:
        for field in fields(self):
            self._check(field.name, getattr(self, field.name))
        if self.fresh_for is not None and self.keep_for < self.fresh_for:
            raise DefinitionError("keep_for must not be shorter than fresh_for")

    @staticmethod
    def _check(name: str, value: object) -> None:
        if name in ("max_attempts", "max_batch", "max_pending", "workers"):
            if type(value) is not int or value < 1:
                raise DefinitionError(f"{name} must be a whole number of at least 1, not {value!r}")
        elif name == "version":
            if not isinstance(value, str) or not 0 < len(value) <= 64:
                raise DefinitionError(
                    f"version must be a text of 1 to 64 characters, not {value!r}"
                )
        elif value is None and name in ("fresh_for", "timeout"):
            return
        elif not isinstance(value, timedelta):
            raise DefinitionError(f"{name} must be a timedelta, not {value!r}")
        elif value < _ZERO or (value == _ZERO and name in ("keep_for", "timeout")):
            raise DefinitionError(f"{name} must be a positive time, not {value!r}")
