"""Posts actions in bulk to a web app, as a process of its own: ``poster URL RATE BULK SECONDS``."""

from __future__ import annotations

import itertools
import json
import statistics
import sys
import time

import httpx

from benchmarks.dags.computations.acted import ITEMS


def post(url: str, rate: float, bulk: int, seconds: float) -> dict[str, float]:
    """Post bulks one after another, ``rate`` actions a second at most (0: as many as go).

    Returns how many actions were accepted a second, and the median of the answers' milliseconds.
    Raises `RuntimeError` where not all of a bulk are accepted.
    """
    numbers = itertools.count()
    accepted, took = 0, []
    with httpx.Client(base_url=url, timeout=60.0, trust_env=False) as http:
        started = time.perf_counter()
        while (now := time.perf_counter()) < started + seconds:
            items = [
                {"user": f"user-{n % 20_000}", "item": ITEMS[n % len(ITEMS)], "action": "like"}
                for n in itertools.islice(numbers, bulk)
            ]
            answer = http.post("/api/v1/actions", json={"items": items})
            if answer.status_code != 200 or answer.json()["counts"]["accepted"] != bulk:
                raise RuntimeError(f"not all accepted: {answer.status_code} {answer.text[:300]}")
            took.append(1000 * (time.perf_counter() - now))
            accepted += bulk
            if rate:
                time.sleep(max(0.0, started + accepted / rate - time.perf_counter()))
        ended = time.perf_counter()
    return {"per_second": accepted / (ended - started), "p50_milliseconds": statistics.median(took)}


if __name__ == "__main__":
    address, at_most, size, length = sys.argv[1:]
    print(json.dumps(post(address, float(at_most), int(size), float(length))))
