"""What becomes of the requests of a fault load, and what should."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_IN_FLIGHT = 50
"""The ``max_batch`` of the computation: what one kill may cause to be computed again."""


def is_to_fail(n: int) -> bool:
    """Tell whether the computation gives what is no JSON for the number."""
    return n % 50 == 49


@dataclass(frozen=True)
class Asked:
    """An acknowledged request: its id, and the number to be squared."""

    id: str
    n: int

    def fault(self, document: dict[str, Any]) -> str | None:
        """Return what is wrong with the document of the ended request."""
        status = "failed" if is_to_fail(self.n) else "succeeded"
        told = f"{self.id} ({self.n}) {document['status']}: {document['error']}"
        if document["status"] != status:
            return told
        if status == "failed":
            return None if document["error"]["type"] == "InvalidResult" else told
        value = (document["result"] or {}).get("value")
        return None if value == self.n**2 else f"{self.id}: {self.n} squared is {value}"


@dataclass
class Report:
    """What a load did to a system, and what became of the requests.

    ``extra_computations``: calls beyond one for each request and one for each call that raised;
    ``left``: counts that must be 0 in the end.
    """

    seed: int
    requests: int = 0
    ended: int = 0
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    extra_computations: int = 0
    settle_seconds: float = 0.0
    left: dict[str, int] = field(default_factory=dict)

    @property
    def most_explained(self) -> int:
        """The extra computations that the kills may have caused: a batch for each at most."""
        return self.kills.total() * MOST_IN_FLIGHT

    @property
    def is_good(self) -> bool:
        """Nothing lost, wrong or left over; no more computed again than the kills explain."""
        explained = self.extra_computations <= self.most_explained
        return explained and not (self.lost or self.wrong or any(self.left.values()))

    def __str__(self) -> str:
        kills = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items()))
        return (
            f"seed {self.seed}: {self.requests} requests, {self.ended} ended, "
            f"lost={len(self.lost)}, wrong={len(self.wrong)}, "
            f"{self.extra_computations} extra computations; "
            f"{self.kills.total()} kills ({kills or 'none'})"
        )
