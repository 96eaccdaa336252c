"""The store: every verb that changes or reads state, each one atomic script in Redis.

`Store` is the one door to Redis. Its verbs raise `StoreUnavailable` when the server cannot serve;
they never answer "nothing" for "unknown".
"""

from __future__ import annotations

from batchwell.store.access import Access
from batchwell.store.acting import Acting
from batchwell.store.asking import Once
from batchwell.store.computing import Computing, Origin
from batchwell.store.delivering import Delivering
from batchwell.store.door import RETAIN_SECONDS, AnyComputation
from batchwell.store.following import Following
from batchwell.store.measuring import Measuring
from batchwell.store.operating import Operating
from batchwell.store.tracking import TrackedReads, Tracking
from batchwell.store.workers import Workers

__all__ = ["RETAIN_SECONDS", "AnyComputation", "Once", "Origin", "Store", "TrackedReads"]


class Store(
    Operating, Following, Computing, Delivering, Acting, Workers, Access, Measuring, Tracking
):
    """What Batchwell knows, in Redis or Valkey."""
