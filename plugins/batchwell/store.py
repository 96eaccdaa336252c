"""The store: every verb that changes or reads state, each one atomic script in Redis.

`Store` is the one door to Redis. Its verbs raise `StoreUnavailable` when the server cannot serve;
they never answer "nothing" for "unknown".
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from redis.exceptions import NoScriptError

from batchwell import keys
from batchwell.computation import Computation
from batchwell.connection import Client, server_warnings
from batchwell.errors import (
    InvalidParameters,
    NotReplayable,
    StoreUnavailable,
    UnknownRequest,
)
from batchwell.identifiers import new_token, split_request_id
from batchwell.identifiers import request_id as join_request_id
from batchwell.outcomes import Failure
from batchwell.parameters import Parameters
from batchwell.records import (
    Batch,
    Claim,
    Counts,
    Demand,
    Priority,
    Request,
    Result,
    Status,
    Submission,
)
from batchwell.scripts import load_script, store_errors

RETAIN_SECONDS = 24 * 3600
"""How long the record of a finished request can be read; that of a failed one a week."""

_RETAIN_MS = RETAIN_SECONDS * 1000
_DURABLE_MS = 2000
_CHUNK = 500
_MOST_MESSAGE = 4000
_NOT_QUEUED = (-1, b"", 0, b"", 0)

AnyComputation: TypeAlias = Computation[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The Airflow run that computes; empty outside Airflow."""

    dag_id: str = ""
    run_id: str = ""


class Store:
    """What Batchwell knows, in Redis or Valkey."""

    def __init__(self, client: Client, *, namespace: str = "bw", durable: bool = False) -> None:
        """Use ``client``, which must not decode responses; all keys begin with ``namespace``.

        ``durable``: a submit is acknowledged once it is on the server's disk.
        """
        self.client = client
        self.namespace = namespace
        self.durable = durable

    # Asking

    def submit(
        self,
        computation: AnyComputation,
        items: Sequence[Parameters],
        *,
        priority: Priority = Priority.NORMAL,
        max_age_seconds: float | None = None,
        expires_seconds: float | None = None,
        touch: bool = False,
    ) -> list[Submission]:
        """Decide each submit, in order: fresh, attached, created or full.

        Atomic for each; one round trip per few hundred. ``max_age_seconds`` refuses a fresh
        result that is older (0 forces a new one); after ``expires_seconds`` without a start the
        request expires; ``touch`` makes a fresh result the latest.
        """
        submissions: list[Submission] = []
        for first in range(0, len(items), _CHUNK):
            chunk = items[first : first + _CHUNK]
            reply = self._run(
                "submit",
                computation.name,
                _json(
                    items=[[new_token(), item.digest, item.json] for item in chunk],
                    offset_ms=priority.offset_seconds * 1000,
                    max_age_ms=_milliseconds(max_age_seconds),
                    expires_ms=_milliseconds(expires_seconds),
                    version=computation.policy.version,
                    max_pending=computation.policy.max_pending,
                    retain_ms=_RETAIN_MS,
                    touch=touch,
                ),
                durable=self.durable,
            )
            submissions += [Submission.decode(computation.name, item) for item in reply]
        return submissions

    def read(self, computation: AnyComputation, parameters: Parameters) -> Result | None:
        """Return the last good value for these parameters, fresh or stale, and note the read."""
        return self._read(computation, parameters.digest)

    def latest(self, computation: AnyComputation) -> Result | None:
        """Return the result that was computed last, whatever its parameters."""
        return self._read(computation, "")

    def _read(self, computation: AnyComputation, digest: str) -> Result | None:
        policy = computation.policy
        hot_ms = 0 if policy.hot_for is None else _milliseconds(policy.hot_for)
        chance = repr(1.0 - random.random()) if hot_ms else "1"
        reply = self._run("read", computation.name, digest, policy.version, hot_ms, chance)
        return Result.decode(computation.name, reply)

    def invalidate(self, computation: AnyComputation) -> int:
        """Begin a new generation, which makes every known result stale; return it. Atomic, O(1)."""
        return int(self._run("invalidate", computation.name))

    def inspect(self, computation: AnyComputation, request_id: str) -> Request | None:
        """Return the request's record and, if its parameters have one, their result."""
        name, token = split_request_id(request_id)
        if name != computation.name:
            return None
        reply = self._run("inspect", name, token, computation.policy.version, _RETAIN_MS)
        return Request.decode(name, token, reply)

    def cancel(self, computation: AnyComputation, request_id: str) -> Status | None:
        """Cancel a request that has not ended; return its status then, None when unknown. Atomic.

        A running one is cancelled at once; its worker notices at its next heartbeat or progress
        report, and stops computing it.
        """
        name, token = split_request_id(request_id)
        status = self._run("cancel", name, token, _RETAIN_MS).decode()
        return Status(status) if status else None

    def retry(self, computation: AnyComputation, request_id: str) -> str:
        """Replay a failed, cancelled or expired request; return the new request's id. Atomic.

        Raises `UnknownRequest`, or `NotReplayable` for one that succeeded or has not ended.
        """
        name, token = split_request_id(request_id)
        outcome, replayed = self._run("retry", name, token, new_token(), durable=self.durable)
        if outcome == b"unknown":
            raise UnknownRequest(request_id)
        if not replayed:
            raise NotReplayable(request_id, outcome.decode())
        return join_request_id(name, replayed.decode())

    def failures(
        self, computation: AnyComputation, *, start: int = 0, count: int = 100
    ) -> tuple[int, list[Request]]:
        """Return how many dead letters there are, and ``count`` of them, the latest first."""
        total, *found = self._run("failures", computation.name, start, count)
        requests = [
            Request.decode(computation.name, token.decode(), [record, _NOT_QUEUED, []])
            for token, record in found
        ]
        return total, [request for request in requests if request is not None]

    def count(self, computation: AnyComputation) -> Counts:
        """Count pending, running and finished requests, results and live workers."""
        return Counts.decode(self._run("count", computation.name))

    def known(
        self,
        computation: AnyComputation,
        which: Literal["stale", "due", "hot", "all"],
        *,
        ahead_seconds: float = 0,
        chunk: int = 500,
    ) -> Iterator[list[Parameters]]:
        """Yield the parameters of known results, chunk by chunk.

        "stale": those that are not fresh; "due": also those that were read within ``hot_for`` and
        go stale within ``ahead_seconds``; "hot": of the due only those so read; "all". Those that
        no longer fit the signature are left out: nothing could compute them. Some may be repeated
        while results change.
        """
        times = _json(
            hot_ms=max(0, _milliseconds(computation.policy.hot_for)),
            ahead_ms=_milliseconds(ahead_seconds),
        )
        cursor = ""
        while cursor != "0":
            reply, *texts = self._run(
                "known",
                computation.name,
                cursor or "0",
                chunk,
                computation.policy.version,
                which,
                times,
            )
            cursor = reply.decode()
            found = []
            for text in texts:
                with suppress(InvalidParameters):
                    found.append(computation.parse(json.loads(text)))
            if found:
                yield found

    def arrive(
        self,
        computation: AnyComputation,
        change: str,
        *,
        by: str,
        expected: Collection[str],
        run: str,
    ) -> Literal["complete", "waiting", "known"]:
        """Note that an upstream change has come by one dependency.

        Begins a new generation once it has come by all ``expected``, and once only; ``run``, which
        completed it, is told so again. Atomic.
        """
        call = _json(change=change, by=by, expected=list(expected), run=run, retain_ms=_RETAIN_MS)
        reply: Literal["complete", "waiting", "known"] = self._run(
            "arrive", computation.name, call
        ).decode()
        return reply

    # Computing

    def claim(
        self,
        computation: AnyComputation,
        worker: str,
        *,
        count: int,
        lease_seconds: float,
        origin: Origin,
    ) -> Batch:
        """Lease up to ``count`` of the most urgent requests to ``worker``. Atomic."""
        generation, claims = self._run(
            "claim",
            computation.name,
            _json(
                worker=worker,
                count=count,
                lease_ms=int(lease_seconds * 1000),
                retain_ms=_RETAIN_MS,
                dag_id=origin.dag_id,
                run_id=origin.run_id,
                previous=computation.wants_previous,
            ),
        )
        return Batch(
            generation=generation.decode(),
            claims=[
                Claim(
                    token=token.decode(),
                    attempt=attempt,
                    params=params.decode(),
                    previous=previous.decode(),
                )
                for token, attempt, params, previous in claims
            ],
        )

    def extend(
        self,
        computation: AnyComputation,
        worker: str,
        claims: Sequence[Claim],
        *,
        worker_seconds: float,
        lease_seconds: float,
    ) -> set[str]:
        """Keep worker and leases alive; return the tokens that are no longer the worker's."""
        lost = self._run(
            "extend",
            computation.name,
            _json(
                worker=worker,
                worker_ms=int(worker_seconds * 1000),
                lease_ms=int(lease_seconds * 1000),
                claims=_pairs(claims),
            ),
        )
        return {token.decode() for token in lost}

    def complete(
        self,
        computation: AnyComputation,
        values: Sequence[tuple[Claim, str, float]],
        *,
        generation: str,
        batch_size: int,
        origin: Origin,
    ) -> int:
        """Keep (claim, JSON value, seconds) of each; return how many were still ours. Atomic."""
        policy = computation.policy
        reply = self._run(
            "complete",
            computation.name,
            _json(
                items=[
                    [claim.token, claim.attempt, value, f"{seconds:.6f}"]
                    for claim, value, seconds in values
                ],
                fresh_ms=_milliseconds(policy.fresh_for),
                keep_ms=_milliseconds(policy.keep_for),
                retain_ms=_RETAIN_MS,
                version=policy.version,
                generation=generation,
                batch_size=batch_size,
                dag_id=origin.dag_id,
                run_id=origin.run_id,
                item_ms=1000 * sum(seconds for _, _, seconds in values) / len(values),
            ),
        )
        return int(reply.count(b"ok"))

    def fail(
        self, computation: AnyComputation, failures: Sequence[tuple[Claim, Failure, bool]]
    ) -> dict[str, int]:
        """Record (claim, error, may it be tried again); count "retrying", "failed", "not_owner".

        Atomic. The last good value stays.
        """
        reply = self._run(
            "fail",
            computation.name,
            _json(
                items=[
                    [
                        claim.token,
                        claim.attempt,
                        failure.kind,
                        failure.type,
                        failure.message[:_MOST_MESSAGE],
                        retry,
                    ]
                    for claim, failure, retry in failures
                ],
                max_attempts=computation.policy.max_attempts,
                backoff_ms=_milliseconds(computation.policy.retry_backoff),
                retain_ms=_RETAIN_MS,
            ),
        )
        return {
            verdict: reply.count(verdict.encode())
            for verdict in ("retrying", "failed", "not_owner")
        }

    def release(self, computation: AnyComputation, claims: Sequence[Claim]) -> int:
        """Give unused claims back, to be claimed again at once. Atomic."""
        return int(self._run("release", computation.name, _json(claims=_pairs(claims))))

    def report(
        self, computation: AnyComputation, claims: Sequence[Claim], fraction: float, message: str
    ) -> set[str]:
        """Record the progress of running requests; return the tokens that are ours no longer."""
        lost = self._run(
            "report",
            computation.name,
            _json(claims=_pairs(claims), fraction=f"{fraction:.4f}", message=message),
        )
        return {token.decode() for token in lost}

    def reap(self, computation: AnyComputation) -> tuple[int, int]:
        """Take back what dead workers held, and end what waited past its deadline. Atomic.

        Returns how many requests are pending again, and how many failed for good.
        """
        requeued, failed = self._run(
            "reap",
            computation.name,
            _json(max_attempts=computation.policy.max_attempts, retain_ms=_RETAIN_MS),
        )
        return requeued, failed

    # Workers

    def enlist(self, computation: AnyComputation, worker: str, *, worker_seconds: float) -> None:
        """Register a live drain worker. Atomic."""
        self._run("enlist", computation.name, worker, int(worker_seconds * 1000))

    def retire(
        self, computation: AnyComputation, worker: str, *, when: Literal["if_idle", "now"]
    ) -> bool:
        """Sign a drain worker off; False when it should stay, as a request came. Atomic."""
        return bool(self._run("retire", computation.name, worker, when) == b"retired")

    def abandon(self, computation: AnyComputation, worker: str) -> int:
        """Let go of all that a dead worker held, before its leases pass by themselves. Atomic.

        Returns the number of its claims; the next `reap` takes them back.
        """
        return int(self._run("abandon", computation.name, worker))

    def wait(self, computation: AnyComputation, seconds: float) -> bool:
        """Block until the doorbell rings, ``seconds`` at most; True when it rang."""
        with store_errors():
            return (
                self.client.blpop([keys.doorbell(self.namespace, computation.name)], seconds)
                is not None
            )

    def demand(self, computation: str) -> Demand:
        """Return what decides whether a drain of the computation is due."""
        return Demand.decode(self._run("demand", computation))

    # The server

    def ping(self) -> None:
        """Raise `StoreUnavailable` unless the server answers."""
        with store_errors():
            self.client.ping()

    def warnings(self) -> list[str]:
        """Return a sentence for each setting of the server with which requests could be lost."""
        return server_warnings(self.client)

    def _run(
        self, verb: str, computation: str, *args: str | bytes | int, durable: bool = False
    ) -> Any:
        """Run a script on the computation's slot; ``durable``: wait until it is on disk."""
        script = load_script(verb)
        call = self._durably if durable else self.client.execute_command
        keys_and_args = (1, keys.root(self.namespace, computation), *args)
        with store_errors():
            try:
                return call("EVALSHA", script.sha, *keys_and_args)
            except NoScriptError:
                return call("EVAL", script.source, *keys_and_args)

    def _durably(self, *command: str | bytes | int) -> Any:
        # On one connection: the server waits for the writes of the connection that asks.
        with self.client.pipeline(transaction=False) as pipe:
            pipe.execute_command(*command)
            pipe.execute_command("WAITAOF", 1, 0, _DURABLE_MS)
            reply, (on_disk, _) = pipe.execute()
        if not on_disk:
            raise StoreUnavailable("the store has not confirmed that the request is on disk")
        return reply


def _json(**values: object) -> bytes:
    # An error's message may hold half a surrogate pair, which no UTF-8 can express.
    return json.dumps(values, ensure_ascii=False).encode(errors="replace")


def _pairs(claims: Sequence[Claim]) -> list[tuple[str, int]]:
    return [(claim.token, claim.attempt) for claim in claims]


def _milliseconds(time: timedelta | float | None) -> int:
    """Return whole milliseconds; -1 for None."""
    if time is None:
        return -1
    seconds = time.total_seconds() if isinstance(time, timedelta) else time
    return int(seconds * 1000)
