"""The policy of a computation: its freshness, limits and patience."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from batchwell.action_log import ActionLog
from batchwell.errors import DefinitionError

_ZERO = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """The decorator arguments of ``@computation``; a bad one raises `DefinitionError` naming it.

    - ``fresh_for``: how long a value counts as fresh; None: until invalidated.
    - ``keep_for``: how long after computing a value is still served, stale or not.
    - ``hot_for``: a value that was read within it is recomputed before it goes stale; None: no
      value is.
    - ``depends_on``: computations, the `ActionLog`, or URIs of Airflow assets; when one of them
      changes, all values of this computation are stale.
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
    hot_for: timedelta | None = None
    depends_on: tuple[Any, ...] = ()
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
        elif name == "depends_on":
            _check_dependencies(value)
        elif value is None and name in ("fresh_for", "hot_for", "timeout"):
            return
        elif not isinstance(value, timedelta):
            raise DefinitionError(f"{name} must be a timedelta, not {value!r}")
        elif value < _ZERO or (value == _ZERO and name in ("keep_for", "hot_for", "timeout")):
            raise DefinitionError(f"{name} must be a positive time, not {value!r}")


def _check_dependencies(value: object) -> None:
    """Refuse what is neither a computation, nor a log of actions, nor an asset's URI.

    A computation is named by itself, so that it must exist before its dependants: there can be
    no cycle.
    """
    if not isinstance(value, tuple):
        raise DefinitionError(f"depends_on must be a list or tuple, not {value!r}")
    for one in value:
        is_ours = isinstance(one, ActionLog) or (
            hasattr(one, "policy") and hasattr(one, "function")
        )
        is_asset = isinstance(one, str) and "://" in one and not one.startswith("batchwell:")
        if not (is_ours or is_asset):
            raise DefinitionError(
                f"depends_on: {one!r} is no computation, no ActionLog and no URI of an asset"
            )
