"""Move time without sleeping: write the moment that the store compares with."""

from __future__ import annotations

import time
from typing import Any

from batchwell import Computation, keys
from batchwell.identifiers import split_request_id
from batchwell.store import Store
from tests.stored import request_field, result_field, set_request_field, set_result_field


class Clock:
    """The moments that one computation's state depends on."""

    def __init__(self, store: Store, computation: Computation[Any, Any]) -> None:
        self._store, self._name = store, computation.name
        self._client = store.client
        self._root = keys.root(store.namespace, computation.name)

    def lapse_leases(self) -> None:
        """Let every lease have passed."""
        self._set_all("leases", 1)

    def lapse_workers(self) -> None:
        """Let every worker have been silent for too long."""
        self._set_all("workers", 1)

    def lapse_deadlines(self) -> None:
        """Let every deadline have passed."""
        self._set_all("deadlines", 1)

    def age_dead_letters(self) -> None:
        """Let every dead letter have been kept for long enough."""
        self._set_all("failures", 1)

    def lapse_deliveries(self) -> None:
        """Let every delivery be due, and the lease of every attempt have passed."""
        self._set_all("owed", 1)

    def ripen_retries(self) -> None:
        """Let every retry be due."""
        self._set_all("delayed", 1)

    def age_waiting(self, request_id: str, seconds: float) -> None:
        """Let a pending request have been submitted that much earlier."""
        _, token = split_request_id(request_id)
        self._client.zincrby(f"{self._root}:queue", -1000 * seconds, token)
        submitted_at = request_field(self._store, self._name, token, "submitted_at")
        submitted_at -= 1000 * int(seconds)
        set_request_field(self._store, self._name, token, "submitted_at", submitted_at)

    def age_result(self, digest: str, seconds: float) -> None:
        """Let a result have been computed that much earlier."""
        milliseconds = -1000 * int(seconds)
        for field in ("computed_at", "fresh_until"):
            moment = result_field(self._store, self._name, digest, field) + milliseconds
            set_result_field(self._store, self._name, digest, field, moment)
        self._client.zincrby(f"{self._root}:results", milliseconds, digest)

    def remaining_seconds(self, zset: str, member: str) -> float:
        """Return how far a moment of one of the sorted sets lies in the future."""
        score = self._client.zscore(f"{self._root}:{zset}", member)
        assert isinstance(score, float)
        return score / 1000 - time.time()

    def _set_all(self, zset: str, moment: float) -> None:
        name = f"{self._root}:{zset}"
        members: Any = self._client.zrange(name, 0, -1)
        if members:
            self._client.zadd(name, dict.fromkeys(members, moment))
