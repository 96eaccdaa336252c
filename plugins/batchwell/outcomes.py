"""What became of one request's computing: a value, or a failure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


@dataclass(frozen=True)
class Failure:
    """An error of one item, returned in a batch's results in place of a value.

    It is final: a function that returns it has decided that trying again is of no use. Raise an
    exception to have the request tried again. Of kind "system" are those that Batchwell itself
    gives: a process that died, a time limit, a result that is not JSON. ``traceback`` is where the
    author's code raised it, "" where it did not.
    """

    message: str
    type: str = "Failure"
    kind: Literal["user", "system"] = "user"
    traceback: str = ""


class Outcome(NamedTuple):
    """What computing the ``item``-th of a batch (from 0) gave, in ``seconds``.

    Either ``value`` is set (JSON text) or ``error``; ``retry`` says whether another attempt may
    help. A tuple, as thousands a second go from one process to another.
    """

    item: int
    seconds: float
    value: str | None = None
    error: Failure | None = None
    retry: bool = False
