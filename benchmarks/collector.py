"""Collects all actions of a store, as a process of its own: ``collector STORE-URL DATABASE-URL``.

Prints, as JSON, how many were new, the seconds that took, and the process's memory (MB) after the
first tenth and at its most.
"""

from __future__ import annotations

import json
import sys
import threading

import psutil

from batchwell.collecting import collect
from batchwell.connection import connect
from batchwell.store import Store


def main(store_url: str, database_url: str) -> dict[str, float]:
    """Collect, and look at the memory ten times a second."""
    store, over, samples = Store(connect(store_url)), threading.Event(), []

    def look() -> None:
        process = psutil.Process()
        while not over.wait(0.1):
            samples.append(process.memory_info().rss / 1e6)

    looking = threading.Thread(target=look)
    looking.start()
    summary = collect(store, database_url, collector="bench", most_seconds=600, patience_seconds=10)
    over.set()
    looking.join()
    early = max(samples[: max(1, len(samples) // 10)], default=0.0)
    return {
        "added": summary.added,
        "seconds": summary.seconds,
        "early_mb": early,
        "most_mb": max(samples, default=0.0),
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
