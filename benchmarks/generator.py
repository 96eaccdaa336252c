"""Sends HTTP load and checks every answer, where wrk is not installed: a process of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from benchmarks.traffic import Traffic

_SUCCESSOR = re.compile(rb'"params":\{"n":(\d+)\},"value":(\d+)')
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Tally:
    """What came back so far."""

    milliseconds: list[float] = field(default_factory=list)
    wrong: int = 0
    example: str = ""

    def add(self, traffic: Traffic, milliseconds: float, head: bytes, body: bytes) -> None:
        """Count an answer, and check it."""
        self.milliseconds.append(milliseconds)
        if not _is_right(traffic, head, body):
            self.wrong += 1
            self.example = (head + body).decode(errors="replace")[:300]


def main() -> None:
    """Send the traffic (JSON) for so many seconds; print what came back as JSON."""
    traffic, seconds = Traffic(**json.loads(sys.argv[1])), float(sys.argv[2])
    tally, took = asyncio.run(_send(traffic, seconds))
    centiles = statistics.quantiles(tally.milliseconds, n=100, method="inclusive")
    answered = {
        "requests": len(tally.milliseconds),
        "seconds": took,
        "p50_milliseconds": centiles[49],
        "p99_milliseconds": centiles[98],
        "wrong": tally.wrong,
        "example": tally.example,
    }
    print(json.dumps(answered))


async def _send(traffic: Traffic, seconds: float) -> tuple[Tally, float]:
    tally, numbers = Tally(), _numbers(traffic)
    started = time.perf_counter()
    connections = (
        _ask(traffic, numbers, started + seconds, tally) for _ in range(traffic.connections)
    )
    await asyncio.gather(*connections)
    return tally, time.perf_counter() - started


async def _ask(traffic: Traffic, numbers: Iterator[int], until: float, tally: Tally) -> None:
    parts = urlsplit(traffic.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    while time.perf_counter() < until:
        asked = _formatted(traffic, parts.netloc, next(numbers))
        started = time.perf_counter()
        writer.write(asked)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        tally.add(traffic, 1000 * (time.perf_counter() - started), head, body)
        await asyncio.sleep(traffic.pause_milliseconds / 1000)
    writer.close()
    await writer.wait_closed()


def _numbers(traffic: Traffic) -> Iterator[int]:
    if not traffic.cycle:
        return itertools.count(traffic.first)
    return itertools.cycle(range(traffic.first, traffic.first + traffic.cycle))


def _formatted(traffic: Traffic, host: str, n: int) -> bytes:
    path, body = (text.replace("{n}", str(n)) for text in (traffic.path, traffic.body))
    lines = [f"{traffic.method} {path} HTTP/1.1", f"Host: {host}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body]).encode()


def _is_right(traffic: Traffic, head: bytes, body: bytes) -> bool:
    if int(head.split(maxsplit=2)[1]) != traffic.status or traffic.text.encode() not in body:
        return False
    if not traffic.successor:
        return True
    found = _SUCCESSOR.search(body)
    return found is not None and int(found[2]) == int(found[1]) + 1


if __name__ == "__main__":
    main()
