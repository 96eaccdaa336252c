"""What the store keeps of each batch of an Airflow run, for the page of the run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from batchwell.identifiers import request_id

MOST_BATCHES = 200
"""Batches of a run that are kept, the latest."""

MOST_NAMED = 10
"""Requests that a batch names: so many with errors, and so many others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RunBatch:
    """A batch: when it ended (Unix time), and what became of how many of its requests.

    ``erring`` are ids of requests that met an error, ``others`` of those that did not.
    """

    ended_at: float
    seconds: float
    size: int
    tally: Mapping[str, int]
    erring: Sequence[str]
    others: Sequence[str]

    @classmethod
    def decode(cls, computation: str, reply: bytes) -> RunBatch:
        """Read one of the replies of the batches script."""
        ended_ms, _, text = reply.decode().partition(" ")
        told = json.loads(text)
        erring, others = (
            [request_id(computation, token) for token in told[name]]
            for name in ("erring", "others")
        )
        return cls(
            ended_at=int(ended_ms) / 1000,
            seconds=told["seconds"],
            size=told["size"],
            tally=told["tally"],
            erring=erring,
            others=others,
        )


def run_page(dag_id: str, run_id: str) -> str:
    """Return where the web app shows the batches of a run."""
    return f"/runs/{quote(dag_id, safe='')}/{quote(run_id, safe='')}"
