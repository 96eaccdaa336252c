"""The store: every verb that changes or reads state, each one atomic script in Redis.

`Store` is the one door to Redis. Its verbs raise `StoreUnavailable` when the server cannot serve;
they never answer "nothing" for "unknown".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from redis import Redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import NoScriptError, ResponseError
from redis.retry import Retry

from batchwell import keys
from batchwell.computation import Computation
from batchwell.errors import InvalidParameters, SettingsError
from batchwell.identifiers import new_token, split_request_id
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
    Submission,
)
from batchwell.scripts import load_script, store_errors

RETAIN_SECONDS = 24 * 3600
"""How long the record of a finished request can be read."""

_CHUNK = 500

AnyComputation: TypeAlias = Computation[Any, Any]
Client: TypeAlias = "Redis | RedisCluster"


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The Airflow run that computes; empty outside Airflow."""

    dag_id: str = ""
    run_id: str = ""


def connect(url: str, *, timeout_seconds: float = 5.0) -> Redis:
    """Return a client that gives up after ``timeout_seconds`` and repeats a lost command once.

    Every script may safely be repeated. Raises `SettingsError` for a URL that is none.
    """
    try:
        return Redis.from_url(
            url,
            socket_timeout=timeout_seconds,
            socket_connect_timeout=timeout_seconds,
            retry=Retry(NoBackoff(), 1),
        )
    except ValueError as error:
        raise SettingsError(f"the Redis URL cannot be used: {error}") from error


class Store:
    """What Batchwell knows, in Redis or Valkey."""

    def __init__(self, client: Client, *, namespace: str = "bw") -> None:
        """Use ``client``, which must not decode responses; all keys begin with ``namespace``."""
        self.client = client
        self.namespace = namespace

    # Asking

    def submit(
        self,
        computation: AnyComputation,
        items: Sequence[Parameters],
        *,
        priority: Priority = Priority.NORMAL,
        max_age_seconds: float | None = None,
        touch: bool = False,
    ) -> list[Submission]:
        """Decide each submit, in order: fresh, attached, created or full.

        Atomic for each; one round trip per few hundred. ``max_age_seconds`` refuses a fresh
        result that is older (0 forces a new one); ``touch`` makes a fresh result the latest.
        """
        max_age_ms = -1 if max_age_seconds is None else int(max_age_seconds * 1000)
        offset_ms = priority.offset_seconds * 1000
        submissions: list[Submission] = []
        for first in range(0, len(items), _CHUNK):
            chunk = items[first : first + _CHUNK]
            reply = self._run(
                "submit",
                computation.name,
                _json(
                    items=[
                        [new_token(), item.digest, item.json, offset_ms, max_age_ms]
                        for item in chunk
                    ],
                    version=computation.policy.version,
                    max_pending=computation.policy.max_pending,
                    touch=touch,
                ),
            )
            submissions += [Submission.decode(computation.name, item) for item in reply]
        return submissions

    def read(self, computation: AnyComputation, parameters: Parameters) -> Result | None:
        """Return the last good value for these parameters, fresh or stale."""
        version = computation.policy.version
        reply = self._run("read", computation.name, parameters.digest, version)
        return Result.decode(computation.name, reply)

    def latest(self, computation: AnyComputation) -> Result | None:
        """Return the result that was computed last, whatever its parameters."""
        reply = self._run("read", computation.name, "", computation.policy.version)
        return Result.decode(computation.name, reply)

    def inspect(self, computation: AnyComputation, request_id: str) -> Request | None:
        """Return the request's record and, if its parameters have one, their result."""
        name, token = split_request_id(request_id)
        if name != computation.name:
            return None
        reply = self._run("inspect", name, token, computation.policy.version)
        return Request.decode(name, token, reply)

    def count(self, computation: AnyComputation) -> Counts:
        """Count pending, running and finished requests, results and live workers."""
        return Counts.decode(self._run("count", computation.name))

    def stale(self, computation: AnyComputation, *, chunk: int = 500) -> Iterator[list[Parameters]]:
        """Yield the parameters of all known results that are not fresh, chunk by chunk.

        Those that no longer fit the signature are left out: nothing could compute them. Some may
        be repeated while results change.
        """
        cursor = b""
        while cursor != b"0":
            cursor, *texts = self._run(
                "known", computation.name, cursor or "0", chunk, computation.policy.version
            )
            found = []
            for text in texts:
                with suppress(InvalidParameters):
                    found.append(computation.parse(json.loads(text)))
            if found:
                yield found

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
                dag_id=origin.dag_id,
                run_id=origin.run_id,
            ),
        )
        return Batch(
            generation=generation.decode(),
            claims=[
                Claim(token=token.decode(), attempt=attempt, params=params.decode())
                for token, attempt, params in claims
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
        fresh_ms = -1 if policy.fresh_for is None else _milliseconds(policy.fresh_for)
        reply = self._run(
            "complete",
            computation.name,
            _json(
                items=[
                    [claim.token, claim.attempt, value, f"{seconds:.6f}"]
                    for claim, value, seconds in values
                ],
                fresh_ms=fresh_ms,
                keep_ms=_milliseconds(policy.keep_for),
                retain_ms=RETAIN_SECONDS * 1000,
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
                    [claim.token, claim.attempt, failure.type, failure.message[:4000], retry]
                    for claim, failure, retry in failures
                ],
                max_attempts=computation.policy.max_attempts,
                backoff_ms=_milliseconds(computation.policy.retry_backoff),
                retain_ms=RETAIN_SECONDS * 1000,
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
    ) -> None:
        """Record the progress of running requests. Atomic."""
        self._run(
            "report",
            computation.name,
            _json(claims=_pairs(claims), fraction=f"{fraction:.4f}", message=message),
        )

    def reap(self, computation: AnyComputation) -> tuple[int, int]:
        """Take back what dead workers held; return (pending again, failed for good). Atomic."""
        requeued, failed = self._run(
            "reap",
            computation.name,
            _json(max_attempts=computation.policy.max_attempts, retain_ms=RETAIN_SECONDS * 1000),
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
        try:
            policy, appendonly, save = map(
                self._setting, ("maxmemory-policy", "appendonly", "save")
            )
        except ResponseError as error:
            return [f"the store does not tell its settings ({error}): see that nothing is evicted"]
        told = []
        if policy != "noeviction":
            told.append(f"maxmemory-policy is {policy}: requests may be evicted, use noeviction")
        if appendonly == "no" and not save:
            told.append("the store persists nothing: a restart loses all requests, use appendonly")
        return told

    def _setting(self, name: str) -> str:
        with store_errors():
            found: Mapping[Any, Any] = self.client.config_get(name)
        return "".join(
            value.decode() if isinstance(value, bytes) else str(value) for value in found.values()
        )

    def _run(self, verb: str, computation: str, *args: str | bytes | int | float) -> Any:
        """Run a script on the computation's slot."""
        script = load_script(verb)
        root = keys.root(self.namespace, computation)
        with store_errors():
            try:
                return self.client.evalsha(script.sha, 1, root, *args)
            except NoScriptError:
                return self.client.eval(script.source, 1, root, *args)


def _json(**values: object) -> bytes:
    # An error's message may hold half a surrogate pair, which no UTF-8 can express.
    return json.dumps(values, ensure_ascii=False).encode(errors="replace")


def _pairs(claims: Sequence[Claim]) -> list[tuple[str, int]]:
    return [(claim.token, claim.attempt) for claim in claims]


def _milliseconds(delta: Any) -> int:
    return int(delta.total_seconds() * 1000)
