"""Server-sent events, read from the bytes of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event of a stream; ``data`` is None for a sign of life that tells nothing."""

    id: str
    data: str | None


def read_events(chunks: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events of a stream, and each comment (a heartbeat) as an event without data."""
    event_id = ""
    data: list[str] = []
    for line in _lines(chunks):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line and data:
            yield Event(id=event_id, data="\n".join(data))
            data = []
        elif line and not name:
            yield Event(id=event_id, data=None)
        elif name == "data":
            data.append(value)
        elif name == "id":
            event_id = value


def _lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Split at line feeds alone: JSON may hold what else Python takes for the end of a line."""
    line = bytearray()
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        line += first
        for other in others:
            yield line.decode(errors="replace").removesuffix("\r")
            line = bytearray(other)
