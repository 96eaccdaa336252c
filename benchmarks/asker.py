"""Ask for one value after the other, as a Python program does: a process of its own.

``python -m benchmarks.asker FIRST COUNT`` prints the milliseconds of each round trip as JSON, those
of the first few excepted, and fails at a wrong value. The settings come from the environment.
"""

from __future__ import annotations

import json
import sys
import time

from batchwell.connection import connect
from batchwell.settings import Settings
from batchwell.store import Store
from batchwell.store.following import Changes
from benchmarks.dags.computations.increment import increment

_WARM_UP = 20


def main() -> int:
    """Ask, wait, check, print."""
    first, count = int(sys.argv[1]), int(sys.argv[2])
    settings = Settings.from_env()
    store = Store(connect(settings.redis_url), namespace=settings.namespace)
    numbers = range(first, first + _WARM_UP + count)
    with store.changes() as changes:
        print(json.dumps([_ask(store, changes, n) for n in numbers][_WARM_UP:]))
    store.client.close()
    return 0


def _ask(store: Store, changes: Changes, n: int) -> float:
    started = time.perf_counter()
    parameters = increment.parse({"n": n})
    [submission] = store.submit(increment, [parameters])
    result = None
    while result is None:
        heard = changes.hear(1.0)
        if heard.ended or not heard.tokens:  # a message may be lost
            result = store.read(increment, parameters)
    value = json.loads(result.value)
    milliseconds = 1000 * (time.perf_counter() - started)
    if submission.outcome != "created" or value != n + 1:
        raise ValueError(f"the successor of {n} is not {value!r} ({submission.outcome})")
    return milliseconds


if __name__ == "__main__":
    sys.exit(main())
