"""What became of one request's computing: a value, or a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Failure:
    """An error of one item, returned in a batch's results in place of a value.

    It is final: a function that returns it has decided that trying again is of no use. Raise an
    exception to have the request tried again. Of kind "system" are those that Batchwell itself
    gives: a process that died, a time limit, a result that is not JSON.
    """

    message: str
    type: str = "Failure"
    kind: Literal["user", "system"] = "user"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What computing item ``index`` of a batch gave, in ``seconds``.

    Either ``value`` is set (JSON text) or ``error``; ``retry`` says whether another attempt may
    help.
    """

    index: int
    seconds: float
    value: str | None = None
    error: Failure | None = None
    retry: bool = False
