"""Drain: claim, compute, complete, until the queue is empty; then linger, then end."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from batchwell.batch_run import HEARTBEAT_SECONDS, LEASE_SECONDS, WORKER_SECONDS, BatchRun
from batchwell.batch_story import tell_batch, tell_errors
from batchwell.computation import Computation
from batchwell.compute_process import ComputeProcess
from batchwell.delivery_process import DeliveryProcess
from batchwell.errors import StoreUnavailable
from batchwell.identifiers import new_worker_id
from batchwell.store import Origin, Store
from batchwell.work_records import Batch

_REAP_SECONDS = 10.0
_SLICE_SECONDS = 1.0
_LOOK_SECONDS = 0.1
_BATCH_SECONDS = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class DrainSummary:
    """What one drain did: counts of batches, of requests by what became of them, of messages."""

    batches: int
    succeeded: int
    failed: int
    retrying: int
    delivered: int
    seconds: float

    def __add__(self, other: DrainSummary) -> DrainSummary:
        return DrainSummary(
            batches=self.batches + other.batches,
            succeeded=self.succeeded + other.succeeded,
            failed=self.failed + other.failed,
            retrying=self.retrying + other.retrying,
            delivered=self.delivered + other.delivered,
            seconds=self.seconds + other.seconds,
        )


class BatchSize:
    """How many requests to claim at once.

    Batch form: as many as its policy allows. Single form: about a second's worth by what the
    last batches took, so that slow items are shared between workers and quick ones do not pay
    a round trip each.
    """

    def __init__(self, computation: Computation[Any, Any]) -> None:
        """Start with one request, or with ``max_batch`` in batch form."""
        self._fixed = computation.batch
        self._most = computation.policy.max_batch
        self.size = self._most if self._fixed else 1

    def learn(self, count: int, seconds: float) -> None:
        """Take into account that a batch of ``count`` took ``seconds``."""
        if not self._fixed:
            fitting = int(count * _BATCH_SECONDS / max(seconds, 1e-6))
            self.size = max(1, min(fitting, self.size * 4, self._most))


class DrainWorker:
    """One worker that drains one computation; `drain` runs it."""

    def __init__(
        self,
        store: Store,
        computation: Computation[Any, Any],
        *,
        name: str,
        origin: Origin,
        linger_seconds: float,
        stop: threading.Event,
    ) -> None:
        """Fork the compute process; nothing is claimed yet."""
        self.store = store
        self.computation = computation
        self.origin = origin
        self.linger_seconds = linger_seconds
        self.stop = stop
        self.name = name
        self.tally: Counter[str] = Counter()
        self._size = BatchSize(computation)
        self._reap_at = self._heartbeat_at = self._idle_since = 0.0
        self._process = ComputeProcess(computation)
        self._deliveries = DeliveryProcess(store, computation)

    def run(self) -> DrainSummary:
        """Drain until the queue has been empty for the linger time, or ``stop`` is set."""
        started = time.monotonic()
        delay_seconds, retired = 0.1, False
        try:
            while not (retired or self.stop.is_set()):
                try:
                    retired = self._step()
                    delay_seconds = 0.1
                except StoreUnavailable as error:
                    log.warning("waiting for the store: %s", error)
                    self.stop.wait(delay_seconds)
                    delay_seconds = min(delay_seconds * 2, 5.0)
        finally:
            self._process.close()
            if not retired:
                self._leave()
            self.tally["delivered"] = self._deliveries.close()
        return DrainSummary(
            batches=self.tally["batches"],
            succeeded=self.tally["succeeded"],
            failed=self.tally["failed"],
            retrying=self.tally["retrying"],
            delivered=self.tally["delivered"],
            seconds=time.monotonic() - started,
        )

    def _step(self) -> bool:
        """Compute one batch, or wait a little; True once this worker has signed off."""
        now = time.monotonic()
        if now >= self._heartbeat_at:
            self.store.enlist(self.computation, self.name, worker_seconds=WORKER_SECONDS)
            self._heartbeat_at = now + HEARTBEAT_SECONDS
        if now >= self._reap_at:
            self.store.reap(self.computation)
            self._reap_at = now + _REAP_SECONDS
        batch = self.store.claim(
            self.computation,
            self.name,
            count=self._size.size,
            lease_seconds=LEASE_SECONDS,
            origin=self.origin,
        )
        self._deliveries.attend(batch.delivery_due_seconds)
        if batch.claims:
            self._compute(batch)
            self._idle_since = 0.0
            if batch.left:
                return False
            now = time.monotonic()
        # Whatever has come since has rung the bell.
        return self._linger(now, batch.delivery_due_seconds)

    def _compute(self, batch: Batch) -> None:
        run = BatchRun(
            self.store,
            self.computation,
            self._process,
            self._deliveries,
            batch,
            worker=self.name,
            origin=self.origin,
            stop=self.stop,
        )
        started = time.monotonic()
        try:
            run.run()
        finally:
            self._process = run.process
        seconds = time.monotonic() - started
        self._size.learn(len(batch.claims), seconds)
        self.tally.update(run.tally)
        self.tally["batches"] += 1
        tell_batch(self.computation.name, batch.claims, run.tally, seconds)
        if run.errors:
            tell_errors(self.computation.name, run.errors)
        if self.origin.run_id:
            self._record(run, seconds)

    def _record(self, run: BatchRun, seconds: float) -> None:
        claims = run.batch.claims
        erring = dict.fromkeys(claim.token for claim, _ in run.errors)
        self.store.record_batch(
            self.computation,
            self.origin,
            seconds=seconds,
            tally=run.tally,
            erring=list(erring),
            others=[claim.token for claim in claims if claim.token not in erring],
            size=len(claims),
        )

    def _linger(self, now: float, due_seconds: float | None) -> bool:
        self._idle_since = self._idle_since or now
        left_seconds = self._idle_since + self.linger_seconds - now
        if left_seconds <= 0:
            if not self._deliveries.is_worth_waiting(due_seconds, self.linger_seconds):
                return self.store.retire(self.computation, self.name, when="if_idle")
            left_seconds = max(due_seconds or 0.0, _LOOK_SECONDS)
        rang = self.store.wait(self.computation, min(left_seconds, _SLICE_SECONDS))
        if rang and (seconds := self.computation.policy.max_wait.total_seconds()):
            self.stop.wait(seconds)
        return False

    def _leave(self) -> None:
        try:
            self.store.retire(self.computation, self.name, when="now")
        except StoreUnavailable as error:
            log.warning("not signed off, the registration will lapse: %s", error)


def drain(
    store: Store,
    computation: Computation[Any, Any],
    *,
    worker: str | None = None,
    origin: Origin | None = None,
    linger_seconds: float | None = None,
    stop: threading.Event | None = None,
) -> DrainSummary:
    """Drain a computation's queue in this process and a child of it.

    Ends when nothing has waited for ``linger_seconds`` (the policy's ``linger`` unless given), or
    soon after ``stop`` is set: the current item is finished, the rest given back. Rides out a
    store that is away. At least once: a request whose worker dies is computed again. ``worker``
    must name this drain alone.
    """
    if linger_seconds is None:
        linger_seconds = computation.policy.linger.total_seconds()
    return DrainWorker(
        store,
        computation,
        name=worker or new_worker_id(),
        origin=origin or Origin(),
        linger_seconds=linger_seconds,
        stop=stop or threading.Event(),
    ).run()
