"""The verb of monitoring: measure all computations at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from redis.exceptions import NoScriptError

from batchwell import keys
from batchwell.measures import Measures
from batchwell.scripts import load_script, store_errors
from batchwell.store.door import AnyComputation, Door


class Measuring(Door):
    """What a scrape asks of the store."""

    def measure(self, computations: Iterable[AnyComputation]) -> dict[str, Measures]:
        """Return the measures of each computation by its name, in one round trip."""
        names = [computation.name for computation in computations]
        script = load_script("measure")
        with store_errors():
            try:
                replies = self._pipe(names, "EVALSHA", script.sha)
            except NoScriptError:
                replies = self._pipe(names, "EVAL", script.source)
        return {name: Measures.decode(reply) for name, reply in zip(names, replies, strict=True)}

    def _pipe(self, names: Iterable[str], command: str, script: str) -> list[Any]:
        with self.client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.execute_command(command, script, 1, keys.root(self.namespace, name))
            return pipe.execute()
