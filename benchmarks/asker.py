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
from benchmarks.dags.computations.increment import increment

_PAUSE_SECONDS = 0.0002
_WARM_UP = 20


def main() -> int:
    """Ask, wait, check, print."""
    first, count = int(sys.argv[1]), int(sys.argv[2])
    settings = Settings.from_env()
    store = Store(connect(settings.redis_url), namespace=settings.namespace)
    numbers = range(first, first + _WARM_UP + count)
    print(json.dumps([_ask(store, n) for n in numbers][_WARM_UP:]))
    store.client.close()
    return 0


def _ask(store: Store, n: int) -> float:
    started = time.perf_counter()
    parameters = increment.parse({"n": n})
    [submission] = store.submit(increment, [parameters])
    while (result := store.read(increment, parameters)) is None:
        time.sleep(_PAUSE_SECONDS)
    value = json.loads(result.value)
    milliseconds = 1000 * (time.perf_counter() - started)
    if submission.outcome != "created" or value != n + 1:
        raise ValueError(f"the successor of {n} is not {value!r} ({submission.outcome})")
    return milliseconds


if __name__ == "__main__":
    sys.exit(main())
