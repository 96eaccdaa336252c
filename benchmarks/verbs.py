"""What each verb costs the store's one thread: the inputs of the arithmetic in docs/scaling.md.

CPU time of the server's process over thousands of calls by one client, its sockets and its
append-only file included; where a call takes many requests, for each of them. Repetitions begin
with an empty store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import psutil

from batchwell.parameters import Parameters
from batchwell.store import Origin
from batchwell.work_records import Batch
from benchmarks.bench import Bench
from benchmarks.dags.computations.increment import increment
from benchmarks.records import Figure, Measure, Row

_BATCH = 500
_LEASE_SECONDS = 600.0
_ORIGIN = Origin(dag_id="recompute_increment", run_id="scheduled__2026-01-01T00:00:00+00:00")


def measure(bench: Bench) -> Figure:
    """Call each verb, and look at the server's CPU time."""
    count = bench.pick(20_000, _BATCH)
    found: dict[tuple[str, str], list[float]] = {}
    for _ in range(bench.repetitions):
        for verb, each, microseconds in _Caller(bench, count).costs():
            found.setdefault((verb, each), []).append(microseconds)
    return Figure(
        name="verbs",
        title="What the verbs cost the store's thread",
        rows=[
            Row(
                title=verb,
                ours=Measure(subject=each, unit="us", values=values),
                peer=None,
                unit="us",
                values=values,
            )
            for (verb, each), values in found.items()
        ],
        checked="what each call returned",
        not_covered=["several clients at once, which the server answers with fewer system calls"],
        settings={"calls": f"{count:,}", "batch": f"{_BATCH}"},
    )


class _Caller:
    """One client, which calls the verbs in an order in which each has something to do."""

    def __init__(self, bench: Bench, count: int) -> None:
        self._bench = bench
        self._store = bench.store
        self._count = count
        self._batches: list[Batch] = []
        info: Any = bench.redis.info("server")
        self._server = psutil.Process(info["process_id"])

    def costs(self) -> Iterator[tuple[str, str, float]]:
        """Yield (verb, of what each, microseconds)."""
        self._bench.empty()
        count = self._count
        singly, together = self._items(0), self._items(count)
        yield "submit", "one a call", self._timed(lambda: self._submit(singly, 1))
        yield "submit", f"{_BATCH} a call", self._timed(lambda: self._submit(together, _BATCH))
        request = self._store.submit(increment, singly[:1])[0].request or ""
        yield "status of a request", "a call", self._each(lambda: self._inspect(request))
        self._store.enlist(increment, "me", worker_seconds=_LEASE_SECONDS)
        for size, told in ((_BATCH, f"{_BATCH} a call"), (1, "one a call")):
            yield "claim", told, self._timed(partial(self._claim, size))
            yield "complete", told, self._timed(self._complete)
        if self._store.count(increment).succeeded != 2 * count:
            raise RuntimeError("not all requests succeeded")
        yield "read", "a call", self._timed(lambda: self._read(singly))
        yield "claim, nothing waits", "a call", self._each(lambda: self._claim(1, count=1))
        yield "heartbeat", "a call", self._each(self._enlist)
        yield "look of the trigger", "a call", self._each(self._demand)

    def _timed(self, call: Callable[[], object]) -> float:
        before = self._cpu_seconds()
        call()
        return 1e6 * (self._cpu_seconds() - before) / self._count

    def _each(self, call: Callable[[], object]) -> float:
        return self._timed(lambda: [call() for _ in range(self._count)])

    def _cpu_seconds(self) -> float:
        times = self._server.cpu_times()
        return times.user + times.system

    def _items(self, first: int) -> list[Parameters]:
        return [increment.parse({"n": n}) for n in range(first, first + self._count)]

    def _submit(self, items: list[Parameters], size: int) -> None:
        for first in range(0, len(items), size):
            submissions = self._store.submit(increment, items[first : first + size])
            if any(submission.outcome != "created" for submission in submissions):
                raise RuntimeError("not all requests are new")

    def _inspect(self, request: str) -> None:
        if self._store.inspect(increment, request) is None:
            raise RuntimeError(f"{request} is not known")

    def _claim(self, size: int, count: int | None = None) -> None:
        left = count or self._count
        while left > 0:
            batch = self._store.claim(
                increment, "me", count=size, lease_seconds=_LEASE_SECONDS, origin=_ORIGIN
            )
            self._batches.append(batch)
            left -= size

    def _complete(self) -> None:
        for batch in self._batches:
            values = [(claim, "7", 0.000004) for claim in batch.claims]
            kept = self._store.complete(
                increment,
                values,
                generation=batch.generation,
                batch_size=len(values),
                origin=_ORIGIN,
            )
            if kept != len(values):
                raise RuntimeError("not all values were kept")
        self._batches.clear()

    def _read(self, items: list[Parameters]) -> None:
        for item in items:
            if self._store.read(increment, item) is None:
                raise RuntimeError("a value is not known")

    def _enlist(self) -> None:
        self._store.enlist(increment, "me", worker_seconds=_LEASE_SECONDS)

    def _demand(self) -> None:
        self._store.demand(increment.name)
