"""Server-sent events, read from bytes however they are cut."""

from __future__ import annotations

import pytest

from batchwell.client.event_stream import Event, read_events

STREAM = (
    "retry: 2000\n\n"
    'event: status\nid: a-1\ndata: {"text": "\u2028 \x85 \x0b ü"}\n\n'
    ":\n\n"
    "id: a-2\ndata:first\ndata: second\nunknown: field\nno colon\n\n"
    "data: cut off"
)
EVENTS = [
    Event(id="a-1", data='{"text": "\u2028 \x85 \x0b ü"}'),
    Event(id="a-1", data=None),
    Event(id="a-2", data="first\nsecond"),
]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_events_are_read_however_they_are_cut(size: int, end: str) -> None:
    stream = STREAM.replace("\n", end).encode()
    chunks = [stream[first : first + size] for first in range(0, len(stream), size)]
    assert list(read_events(chunks)) == EVENTS


def test_large_event_is_read_in_linear_time() -> None:
    chunks = [b"data: ", *[b"x" * 65_536] * 256, b"\n\n"]
    (event,) = read_events(chunks)
    assert len(event.data or "") == 16 * 1024 * 1024
