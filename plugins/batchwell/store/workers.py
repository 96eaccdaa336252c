"""The verbs by which workers come and go, and by which it is seen that one is needed."""

from __future__ import annotations

from typing import Literal

from batchwell import keys
from batchwell.connection import round_trip
from batchwell.records import Attention
from batchwell.scripts import store_errors
from batchwell.store.door import AnyComputation, Door
from batchwell.work_records import Demand, News


class Workers(Door):
    """Registration of drain workers, their doorbell, and the demand for them."""

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

    def tell(
        self,
        computation: AnyComputation,
        run: str,
        *,
        worker: str,
        passing: bool,
        again: bool,
    ) -> News | None:
        """Take what dependants are to be told; None: nothing, or another worker of the run will.

        ``run`` is what the names of the run's workers begin with; ``passing``: it has upstream
        changes to pass on; ``again``: an earlier try may have died with the news. Atomic.
        """
        reply = self._run("tell", computation.name, run, worker, int(passing), int(again))
        return News.decode(reply) if reply else None

    def wait(self, computation: AnyComputation, seconds: float) -> bool:
        """Block until the doorbell rings, ``seconds`` at most; True when it rang."""
        bell = keys.doorbell(self.namespace, computation.name)
        with store_errors():
            return round_trip(self.client, "BLPOP", bell, str(seconds)) is not None

    def demand(self, computation: str) -> Demand:
        """Return what decides whether a drain of the computation is due."""
        return Demand.decode(self._run("demand", computation, ""))

    def attention(self, computation: str) -> Attention:
        """Return who attends to the computation's requests: workers, and the trigger."""
        return Attention.decode(self._run("attention", computation))
