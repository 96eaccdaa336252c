"""Clients that wait for requests to end: ``python -m benchmarks.followers URL FIRST COUNT``.

They come one after the other. Half of them follow the events of a request that they submitted, half
submit with ``Prefer: wait``. Prints ``waiting`` when all have asked, and all who follow events have
had one. When all requests have ended it prints what was told wrongly, as a JSON list.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio import StreamReader, StreamWriter
from typing import Any
from urllib.parse import urlsplit

_PATH = "/api/v1/computations/increment/requests"
_APART_SECONDS = 0.01


def main() -> None:
    """Wait, as the command line says."""
    url, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    told = asyncio.run(_all(url, range(first, first + count)))
    print(json.dumps([wrong for wrong in told if wrong]))


async def _all(url: str, numbers: range) -> list[str]:
    waiting = [asyncio.get_running_loop().create_future() for _ in numbers]
    clients = []
    for n, future in zip(numbers, waiting, strict=True):
        clients.append(asyncio.create_task((_follow if n % 2 else _wait)(url, n, future)))
        await asyncio.sleep(_APART_SECONDS)
    asked = asyncio.gather(*waiting)
    first: list[asyncio.Future[Any]] = [asked, *clients]
    done, _ = await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
    if asked not in done:
        raise RuntimeError(f"a client does not wait: {done}")
    print("waiting", flush=True)
    return await asyncio.gather(*clients)


async def _follow(url: str, n: int, waiting: asyncio.Future[None]) -> str:
    reader, writer = await _connect(url)
    status, document = await _ask(reader, writer, n)
    if status != 202:
        raise RuntimeError(f"not a new request: {status} {document}")
    writer.write(_formatted(f"GET /api/v1/requests/{document['id']}/events"))
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head:
        raise RuntimeError(f"no events: {head.decode()}")
    event = b""
    while line := await reader.readline():
        if line.startswith(b"event: "):
            event = line.split()[1]
        elif line.startswith(b"data: "):
            if not waiting.done():
                waiting.set_result(None)
            if event == b"end":
                writer.close()
                return _wrong(json.loads(line[6:])["result"], n)
    raise RuntimeError("the events ended before the request")


async def _wait(url: str, n: int, waiting: asyncio.Future[None]) -> str:
    reader, writer = await _connect(url)
    waiting.set_result(None)
    status, document = await _ask(reader, writer, n, "Prefer: wait=60")
    writer.close()
    return _wrong(document, n) if status == 200 else f"{status} {document}"


def _wrong(result: Any, n: int) -> str:
    is_right = result and result["params"] == {"n": n} and result["value"] == n + 1
    return "" if is_right else f"{n}: {result}"


async def _connect(url: str) -> tuple[StreamReader, StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def _ask(
    reader: StreamReader, writer: StreamWriter, n: int, *headers: str
) -> tuple[int, Any]:
    """Submit, and read the answer."""
    body = json.dumps({"params": {"n": n}})
    about = ("Content-Type: application/json", f"Content-Length: {len(body)}", *headers)
    writer.write(_formatted(f"POST {_PATH}", *about) + body.encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    [length] = [int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")]
    return int(head.split()[1]), json.loads(await reader.readexactly(length))


def _formatted(request: str, *headers: str) -> bytes:
    return "\r\n".join([f"{request} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


if __name__ == "__main__":
    main()
