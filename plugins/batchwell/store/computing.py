"""The verbs of those who compute: claim, extend, report, complete, fail, release, reap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from batchwell.outcomes import Failure
from batchwell.replies import seconds, text
from batchwell.store.door import RETAIN_MS, AnyComputation, Door, encode, milliseconds
from batchwell.work_records import Batch, Claim, Heartbeat

_MOST_MESSAGE = 4000


@dataclass(frozen=True, kw_only=True)
class Origin:
    """The Airflow run that computes; empty outside Airflow."""

    dag_id: str = ""
    run_id: str = ""


class Computing(Door):
    """What a drain worker does with the requests that it holds."""

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
        generation, due, left, *columns = self._run(
            "claim",
            computation.name,
            encode(
                worker=worker,
                count=count,
                lease_ms=int(lease_seconds * 1000),
                retain_ms=RETAIN_MS,
                dag_id=origin.dag_id,
                run_id=origin.run_id,
                previous=computation.wants_previous,
            ),
        )
        tokens, attempts, params, traces, previous = columns or [[]] * 5
        previous = previous or [b""] * len(tokens)
        return Batch(
            generation=generation.decode(),
            claims=[
                Claim(token.decode(), attempt, given.decode(), value.decode(), trace.decode())
                for token, attempt, given, trace, value in zip(
                    tokens,
                    attempts,
                    params,
                    traces,
                    previous,
                    strict=True,
                )
            ],
            left=left,
            delivery_due_seconds=seconds(text(due)),
        )

    def extend(
        self,
        computation: AnyComputation,
        worker: str,
        claims: Sequence[Claim],
        *,
        worker_seconds: float,
        lease_seconds: float,
    ) -> Heartbeat:
        """Keep worker and leases alive; tell what was lost, and when a delivery is due."""
        lost, due = self._run(
            "extend",
            computation.name,
            encode(
                worker=worker,
                worker_ms=int(worker_seconds * 1000),
                lease_ms=int(lease_seconds * 1000),
                **_columns(claims),
            ),
        )
        return Heartbeat(
            lost={token.decode() for token in lost}, delivery_due_seconds=seconds(text(due))
        )

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
        kept = self._run(
            "complete",
            computation.name,
            encode(
                **_columns([claim for claim, _, _ in values]),
                seconds=[f"{seconds:.6f}" for _, _, seconds in values],
                fresh_ms=milliseconds(policy.fresh_for),
                keep_ms=milliseconds(policy.keep_for),
                retain_ms=RETAIN_MS,
                version=policy.version,
                generation=generation,
                batch_size=batch_size,
                dag_id=origin.dag_id,
                run_id=origin.run_id,
                item_ms=1000 * sum(seconds for _, _, seconds in values) / len(values),
            ),
            *[value.encode(errors="replace") for _, value, _ in values],
        )
        return int(kept)

    def fail(
        self, computation: AnyComputation, failures: Sequence[tuple[Claim, Failure, bool]]
    ) -> dict[str, int]:
        """Record (claim, error, may it be tried again); count "retrying", "failed", "not_owner".

        Atomic. The last good value stays.
        """
        reply = self._run(
            "fail",
            computation.name,
            encode(
                items=[
                    [
                        claim.token,
                        claim.attempt,
                        failure.kind,
                        failure.type,
                        failure.message[:_MOST_MESSAGE],
                        retry,
                        failure.traceback,
                    ]
                    for claim, failure, retry in failures
                ],
                max_attempts=computation.policy.max_attempts,
                backoff_ms=milliseconds(computation.policy.retry_backoff),
                retain_ms=RETAIN_MS,
            ),
        )
        return {
            verdict: reply.count(verdict.encode())
            for verdict in ("retrying", "failed", "not_owner")
        }

    def release(self, computation: AnyComputation, claims: Sequence[Claim]) -> int:
        """Give unused claims back, to be claimed again at once. Atomic."""
        return int(self._run("release", computation.name, encode(**_columns(claims))))

    def report(
        self, computation: AnyComputation, claims: Sequence[Claim], fraction: float, message: str
    ) -> set[str]:
        """Record the progress of running requests; return the tokens that are ours no longer."""
        lost = self._run(
            "report",
            computation.name,
            encode(**_columns(claims), fraction=f"{fraction:.4f}", message=message),
        )
        return {token.decode() for token in lost}

    def reap(self, computation: AnyComputation) -> tuple[int, int]:
        """Take back what dead workers held, and end what waited past its deadline. Atomic.

        Returns how many requests are pending again, and how many failed for good.
        """
        requeued, failed = self._run(
            "reap",
            computation.name,
            encode(max_attempts=computation.policy.max_attempts, retain_ms=RETAIN_MS),
        )
        return requeued, failed


def _columns(claims: Sequence[Claim]) -> dict[str, list[str] | list[int]]:
    return {
        "tokens": [claim.token for claim in claims],
        "attempts": [claim.attempt for claim in claims],
    }
