"""Compute one claimed batch: feed the compute process, keep the leases, settle each request."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from batchwell.computation import Computation
from batchwell.compute_process import (
    ComputeProcess,
    ComputeProcessDied,
    Done,
    Message,
    Progress,
    Started,
)
from batchwell.delivery_process import DeliveryProcess
from batchwell.errors import StoreUnavailable
from batchwell.outcomes import Failure, Outcome
from batchwell.patience import patiently
from batchwell.store import Origin, Store
from batchwell.work_records import Batch, Claim

LEASE_SECONDS = 30.0
WORKER_SECONDS = 15.0
HEARTBEAT_SECONDS = 5.0
_POLL_SECONDS = 1.0
_KILL_GRACE_SECONDS = 5.0

_PART_CHARACTERS = 16 * 1024 * 1024
_PART_VALUES = 500

T = TypeVar("T")
Value: TypeAlias = tuple[Claim, str, float]

log = logging.getLogger(__name__)


class Overdue(ComputeProcessDied):
    """Raised when a call did not return after its timeout, so that its process has to go."""


class Unwanted(ComputeProcessDied):
    """Raised when all that is being computed was cancelled or taken over."""


class BatchRun:
    """One batch on its way from claimed to settled.

    Every claim ends settled: completed, failed, waiting for a retry, given back, or found to be
    another worker's by now. Items whose compute process died are tried again in halves, so that
    the one that kills it stands alone in the end and fails alone.
    """

    def __init__(
        self,
        store: Store,
        computation: Computation[Any, Any],
        process: ComputeProcess,
        deliveries: DeliveryProcess,
        batch: Batch,
        *,
        worker: str,
        origin: Origin,
        stop: threading.Event,
    ) -> None:
        """Prepare to compute ``batch`` in ``process``; ``stop`` cuts it short when set.

        ``deliveries`` makes those that come to be due meanwhile.
        """
        self.store = store
        self.computation = computation
        self.process = process
        self.deliveries = deliveries
        self.batch = batch
        self.worker = worker
        self.origin = origin
        self.stop = stop
        self.tally: Counter[str] = Counter()
        self.errors: list[tuple[Claim, Failure]] = []
        self._unsettled = {claim.token: claim for claim in batch.claims}
        self._awaited: dict[str, Claim] = {}  # sent, and without an outcome yet
        self._heartbeat_at = time.monotonic() + HEARTBEAT_SECONDS
        self._kill_at: float | None = None
        self._stopped = False
        self._upstream: dict[str, str] = {}

    def run(self) -> None:
        """Compute and settle; ``tally`` counts what became of the requests, ``errors`` has theirs.

        ``process`` may have been replaced afterwards. Waits for a store that is away.
        """
        for name, one in self.computation.upstream.items():
            known = self._insist(partial(self.store.read, one, one.default_parameters()))
            if known is not None:
                self._upstream[name] = known.value
        groups: list[Sequence[Claim]] = [self.batch.claims]
        while groups and not self._stopped:
            group = [claim for claim in groups.pop(0) if claim.token in self._unsettled]
            if not group:
                continue
            try:
                self._compute(group)
            except ComputeProcessDied as death:
                self.process.close()
                self.process = ComputeProcess(self.computation)
                groups[:0] = self._isolate(group, death)
        if self._unsettled:
            left = list(self._unsettled.values())
            self.tally["released"] += self._insist(
                lambda: self.store.release(self.computation, left)
            )

    def _isolate(self, group: Sequence[Claim], death: ComputeProcessDied) -> list[list[Claim]]:
        """Return how to go on after the process died; fail the culprit once it is known."""
        left = [claim for claim in group if claim.token in self._unsettled]
        overdue = isinstance(death, Overdue)
        current = self._current()
        if not left or isinstance(death, Unwanted) or not self._is_ours(current):
            return [left]
        if len(self._awaited) == 1 or (overdue and not self.computation.batch):
            failure = (
                Failure(death.reason, "TimeLimitExceeded", "system")
                if overdue
                else Failure(
                    f"the process that computed this {death.reason}", "ComputeProcessDied", "system"
                )
            )
            self._fail([(current[0], failure, True)])
            return [left]
        log.warning("trying again in halves: the compute process %s", death.reason)
        return [left[: len(left) // 2], left[len(left) // 2 :]]

    def _compute(self, group: Sequence[Claim]) -> None:
        self._kill_at = None
        self._awaited = {claim.token: claim for claim in group}
        self.process.send([(claim.params, claim.previous) for claim in group], self._upstream)
        while True:
            if self.stop.is_set() and not self._stopped:
                self._stopped = True
                self.process.stop()
            message = self.process.receive(_POLL_SECONDS)
            if isinstance(message, Done):
                self._settle(group, message.outcomes)
                return
            if message is not None:
                self._hear(group, message)
            self._beat()

    def _hear(self, group: Sequence[Claim], message: Message) -> None:
        if isinstance(message, list):
            self._settle(group, message)
        elif isinstance(message, Progress):
            claims = group if message.index is None else [group[message.index]]
            claims = [claim for claim in claims if claim.token in self._unsettled]
            try:
                lost = self.store.report(
                    self.computation, claims, message.fraction, message.message
                )
            except StoreUnavailable:
                log.debug("progress not recorded: the store is away")
            else:
                self._lose(lost)
        elif isinstance(message, Started) and self.computation.policy.timeout is not None:
            limit = self.computation.policy.timeout.total_seconds() + _KILL_GRACE_SECONDS
            self._kill_at = time.monotonic() + limit

    def _settle(self, group: Sequence[Claim], outcomes: Sequence[Outcome]) -> None:
        values: list[Value] = []
        failures = []
        for outcome in outcomes:
            claim = group[outcome.item]
            self._awaited.pop(claim.token, None)
            if outcome.value is not None:
                values.append((claim, outcome.value, outcome.seconds))
            elif outcome.error is not None:
                failures.append((claim, outcome.error, outcome.retry))
        for part in _parts(values):
            self._complete(part)
        if failures:
            self._fail(failures)

    def _complete(self, values: Sequence[Value]) -> None:
        kept = self._insist(
            lambda: self.store.complete(
                self.computation,
                values,
                generation=self.batch.generation,
                batch_size=len(self.batch.claims),
                origin=self.origin,
            )
        )
        self.tally["succeeded"] += kept
        self.tally["lost"] += len(values) - kept
        for claim, _, _ in values:
            self._unsettled.pop(claim.token, None)

    def _fail(self, failures: Sequence[tuple[Claim, Failure, bool]]) -> None:
        self.tally.update(self._insist(lambda: self.store.fail(self.computation, failures)))
        for claim, failure, _ in failures:
            self.errors.append((claim, failure))
            self._unsettled.pop(claim.token, None)

    def _beat(self) -> None:
        """Extend the leases when it is time; end a computing that is overdue or not ours."""
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            raise Overdue("the code did not return after its timeout, and its process was ended")
        if now < self._heartbeat_at:
            return
        self._heartbeat_at = now + HEARTBEAT_SECONDS
        try:
            told = self.store.extend(
                self.computation,
                self.worker,
                list(self._unsettled.values()),
                worker_seconds=WORKER_SECONDS,
                lease_seconds=LEASE_SECONDS,
            )
        except StoreUnavailable as error:
            log.warning("leases not extended: %s", error)
            return
        self.deliveries.attend(told.delivery_due_seconds)
        self._lose(told.lost)

    def _lose(self, lost: set[str]) -> None:
        """Let go of claims that are ours no longer; end a computing that is for such alone."""
        for token in lost:
            self._unsettled.pop(token, None)
        self.tally["lost"] += len(lost)
        current = self._current()
        if current and not self._is_ours(current):
            raise Unwanted("computed what is no longer ours, and was ended")

    def _current(self) -> list[Claim]:
        """Return what is being computed: single calls are made in order, a batch is one call."""
        awaited = list(self._awaited.values())
        return awaited if self.computation.batch else awaited[:1]

    def _is_ours(self, claims: Sequence[Claim]) -> bool:
        return any(claim.token in self._unsettled for claim in claims)

    def _insist(self, action: Callable[[], T]) -> T:
        """Do it, waiting for a store that is away: what was computed is dear."""
        return patiently(action, self.stop)


def _parts(values: Sequence[Value]) -> Iterator[list[Value]]:
    """Split values: a call of the store is no larger than it takes, nor keeps others waiting."""
    part: list[Value] = []
    size = 0
    for value in values:
        if len(part) == _PART_VALUES or (part and size + len(value[1]) > _PART_CHARACTERS):
            yield part
            part, size = [], 0
        part.append(value)
        size += len(value[1])
    if part:
        yield part
