"""The verbs of those who look on: measure all computations at once, see how they are and were."""

from __future__ import annotations

from collections.abc import Iterable

from batchwell.histories import History, Span
from batchwell.measures import Measures
from batchwell.overviews import Overview
from batchwell.recent_results import Recent
from batchwell.store.door import AnyComputation, Door, encode, milliseconds

_MOST_BYTES = 300


class Measuring(Door):
    """What a scrape and the pages ask of the store."""

    def measure(self, computations: Iterable[AnyComputation]) -> dict[str, Measures]:
        """Return the measures of each computation by its name, in one round trip."""
        names = [computation.name for computation in computations]
        replies = self._run_each("measure", dict.fromkeys(names, ()))
        return {name: Measures.decode(reply) for name, reply in zip(names, replies, strict=True)}

    def overviews(self, computations: Iterable[AnyComputation]) -> dict[str, Overview]:
        """Return how each computation is, by its name, in one round trip.

        Takes no longer where many requests wait or many results are known.
        """
        calls = {
            computation.name: (
                encode(
                    fresh_ms=milliseconds(computation.policy.fresh_for),
                    keep_ms=milliseconds(computation.policy.keep_for),
                    version=computation.policy.version,
                    most_bytes=_MOST_BYTES,
                ),
            )
            for computation in computations
        }
        replies = self._run_each("overview", calls)
        return {name: Overview.decode(reply) for name, reply in zip(calls, replies, strict=True)}

    def recent(self, computation: AnyComputation, *, count: int = 10) -> Recent:
        """Return ``count`` results that were computed last, and as many that were read last."""
        version = computation.policy.version
        return Recent.decode(self._run("recent", computation.name, count, version, _MOST_BYTES))

    def history(self, computation: AnyComputation, span: Span) -> History:
        """Return what happened by the minute (of three hours), or by the hour (of a week)."""
        return History.decode(span, self._run("history", computation.name, span[0]))
