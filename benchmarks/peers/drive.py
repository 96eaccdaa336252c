"""Drive a peer's queue, from a process beside its worker: ``drive MODULE VERB FIRST COUNT``.

``fill`` puts the numbers from FIRST on the queue; ``check`` prints how many of their values are
right; ``ask`` asks for one after the other and prints the milliseconds of each as JSON, those
of the first few excepted, and fails at a wrong value.
"""

import importlib
import json
import sys
import time

_CHUNK = 1000
_WARM_UP = 20


def main() -> int:
    """Do what the command line says."""
    module, verb, first, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    queue = importlib.import_module(f"benchmarks.peers.{module}")
    if verb == "fill":
        queue.fill(first, count)
    elif verb == "check":
        right = 0
        for start in range(first, first + count, _CHUNK):
            part = min(_CHUNK, first + count - start)
            found = queue.values(start, part)
            right += sum(value == start + i + 1 for i, value in enumerate(found))
        print(right)
    else:
        numbers = range(first, first + _WARM_UP + count)
        print(json.dumps([_ask(queue, n) for n in numbers][_WARM_UP:]))
    return 0


def _ask(queue: object, n: int) -> float:
    started = time.perf_counter()
    value = queue.ask(n)  # type: ignore[attr-defined]  # each of the modules has it
    milliseconds = 1000 * (time.perf_counter() - started)
    if value != n + 1:
        raise ValueError(f"the successor of {n} is not {value!r}")
    return milliseconds


if __name__ == "__main__":
    sys.exit(main())
