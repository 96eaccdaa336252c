"""The verbs of operators: who works, what runs did, and acts on many requests at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from batchwell.errors import NotReplayable, UnknownRequest
from batchwell.records import Priority
from batchwell.run_batches import MOST_BATCHES, MOST_NAMED, RunBatch
from batchwell.store.asking import Asking, still_fitting
from batchwell.store.computing import Origin
from batchwell.store.door import RETAIN_MS, AnyComputation, encode

_CHUNK = 500
_MOST_WORKERS = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Crew:
    """Who works for a computation (the first so many by name), and how many messages it owes."""

    workers: Sequence[str]
    owed: int


class Operating(Asking):
    """What the operations page asks of the store, and what drains tell for it."""

    def record_batch(
        self,
        computation: AnyComputation,
        origin: Origin,
        *,
        seconds: float,
        tally: Mapping[str, int],
        erring: Sequence[str],
        others: Sequence[str],
        size: int,
    ) -> None:
        """Keep what a batch of an Airflow run was, for a day after the last one of the run.

        Of the tokens ``erring`` and ``others`` it keeps the first. Atomic; at least once.
        """
        self._run(
            "record",
            computation.name,
            _run_name(origin),
            encode(
                seconds=round(seconds, 4),
                size=size,
                tally={name: count for name, count in tally.items() if count},
                erring=list(erring[:MOST_NAMED]),
                others=list(others[:MOST_NAMED]),
            ),
            MOST_BATCHES,
            RETAIN_MS,
        )

    def run_batches(
        self, computations: Iterable[AnyComputation], origin: Origin
    ) -> dict[str, list[RunBatch]]:
        """Return the batches of a run, the latest first, of each computation that has any.

        One round trip.
        """
        names = [computation.name for computation in computations]
        replies = self._run_each("batches", dict.fromkeys(names, (_run_name(origin).encode(),)))
        return {
            name: [RunBatch.decode(name, one) for one in reply]
            for name, reply in zip(names, replies, strict=True)
            if reply
        }

    def crews(self, computations: Iterable[AnyComputation]) -> dict[str, Crew]:
        """Return who works for each computation, by its name, in one round trip."""
        names = [computation.name for computation in computations]
        replies = self._run_each("crew", dict.fromkeys(names, (b"%d" % _MOST_WORKERS,)))
        return {
            name: Crew(owed=owed, workers=[worker.decode() for worker in workers])
            for name, (owed, *workers) in zip(names, replies, strict=True)
        }

    def cancel_waiting(self, computation: AnyComputation, *, most: int) -> int:
        """Cancel up to ``most`` requests that wait; return how many. Atomic for 500 at a time."""
        cancelled = 0
        while cancelled < most:
            count = min(_CHUNK, most - cancelled)
            found = int(self._run("clear", computation.name, count, RETAIN_MS))
            cancelled += found
            if found < count:
                break
        return cancelled

    def refresh(self, computation: AnyComputation, *, most: int) -> int:
        """Submit up to ``most`` bulk requests for stale values that none is under way for.

        The oldest first; returns how many were created. Atomic for each. Values that are replaced
        meanwhile may hide some others from this call.
        """
        place, created = 0, 0
        while place >= 0 and created < most:
            place, *texts = self._run(
                "stale", computation.name, place, _CHUNK, computation.policy.version
            )
            submissions = self.submit(
                computation,
                still_fitting(computation, texts)[: most - created],
                priority=Priority.BULK,
                max_age_seconds=0,
            )
            created += sum(each.outcome == "created" for each in submissions)
            if any(each.outcome == "full" for each in submissions):
                break
        return created

    def replay_failures(self, computation: AnyComputation, *, most: int, trace: str = "") -> int:
        """Replay up to ``most`` dead letters, the latest first; return how many.

        Atomic for each.
        """
        replayed, place = 0, ""
        while replayed < most:
            letters = self.failures(computation, after=place, count=min(_CHUNK, most - replayed))
            for letter in letters.requests:
                with suppress(UnknownRequest, NotReplayable):  # somebody else was quicker
                    self.retry(computation, letter.id, trace=trace)
                    replayed += 1
            place = letters.next
            if not place:
                break
        return replayed


def _run_name(origin: Origin) -> str:
    return f"{origin.dag_id}/{origin.run_id}"
