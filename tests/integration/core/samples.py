"""A small computation, and the verbs of the store with a test's usual arguments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from batchwell import Computation, Failure, computation
from batchwell.parameters import Parameters
from batchwell.records import Priority, Request, Status
from batchwell.store import Origin, Store
from batchwell.work_records import Batch, Claim

LEASE_SECONDS = 30.0
NOBODY = Origin()


@computation(retry_backoff=timedelta(seconds=2), max_attempts=3)
def echo(n: int) -> int:
    """Return the number."""
    return n


def params(*numbers: int, computation: Computation[Any, Any] = echo) -> list[Parameters]:
    return [computation.parse({"n": number}) for number in numbers]


def submit(
    store: Store,
    *numbers: int,
    computation: Computation[Any, Any] = echo,
    priority: Priority = Priority.NORMAL,
    max_age_seconds: float | None = None,
    expires_seconds: float | None = None,
) -> list[str]:
    """Submit and return the ids, none of which may be refused or answered at once."""
    submissions = store.submit(
        computation,
        params(*numbers, computation=computation),
        priority=priority,
        max_age_seconds=max_age_seconds,
        expires_seconds=expires_seconds,
    )
    ids = [submission.request for submission in submissions]
    assert all(submission.outcome in ("created", "attached") for submission in submissions)
    return [request_id for request_id in ids if request_id is not None]


def claim(
    store: Store,
    worker: str = "worker",
    *,
    count: int = 100,
    computation: Computation[Any, Any] = echo,
) -> Batch:
    return store.claim(computation, worker, count=count, lease_seconds=LEASE_SECONDS, origin=NOBODY)


def numbers(claims: Sequence[Claim]) -> list[int]:
    return [int(claim.params.removeprefix('{"n":').removesuffix("}")) for claim in claims]


def complete(
    store: Store,
    batch: Batch,
    value: str | None = None,
    *,
    computation: Computation[Any, Any] = echo,
) -> int:
    """Complete each claim with its own number, or with ``value``."""
    return store.complete(
        computation,
        [
            (claim, str(number) if value is None else value, 0.001)
            for claim, number in zip(batch.claims, numbers(batch.claims), strict=True)
        ],
        generation=batch.generation,
        batch_size=len(batch.claims),
        origin=NOBODY,
    )


def fail(
    store: Store,
    batch: Batch,
    *,
    retry: bool = True,
    computation: Computation[Any, Any] = echo,
) -> dict[str, int]:
    error = Failure("it broke", "Broken")
    return store.fail(computation, [(claim, error, retry) for claim in batch.claims])


def extend(
    store: Store, batch: Batch, worker: str = "worker", *, lease_seconds: float = LEASE_SECONDS
) -> set[str]:
    return store.extend(
        echo, worker, batch.claims, worker_seconds=15, lease_seconds=lease_seconds
    ).lost


def look(store: Store, request_id: str, computation: Computation[Any, Any] = echo) -> Request:
    request = store.inspect(computation, request_id)
    assert request is not None
    return request


def status(store: Store, request_id: str, computation: Computation[Any, Any] = echo) -> Status:
    return look(store, request_id, computation).status


def compute(store: Store, *numbers: int, computation: Computation[Any, Any] = echo) -> None:
    """Have these computed and kept."""
    submit(store, *numbers, computation=computation)
    batch = claim(store, computation=computation)
    assert complete(store, batch, computation=computation) == len(numbers)
