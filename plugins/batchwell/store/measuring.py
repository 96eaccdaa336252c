"""The verb of monitoring: measure all computations at once."""

from __future__ import annotations

from collections.abc import Iterable

from batchwell.measures import Measures
from batchwell.store.door import AnyComputation, Door


class Measuring(Door):
    """What a scrape asks of the store."""

    def measure(self, computations: Iterable[AnyComputation]) -> dict[str, Measures]:
        """Return the measures of each computation by its name, in one round trip."""
        names = [computation.name for computation in computations]
        replies = self._run_each("measure", names)
        return {name: Measures.decode(reply) for name, reply in zip(names, replies, strict=True)}
