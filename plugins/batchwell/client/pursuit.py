"""Following one request to its end: by the stream of its events, else by asking again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from batchwell.client.answers import Request
from batchwell.client.client_errors import (
    ClientError,
    Denied,
    NotFound,
    Problem,
    TooMany,
    Unavailable,
    Unreachable,
    WaitTimedOut,
)
from batchwell.client.reading import read_request
from batchwell.client.transport import Transport, log, quoted, retry_after_seconds

# A stream says something every 15 seconds, be it a heartbeat; one that does not is dead.
_SILENCE_SECONDS = 45.0
# A stream cannot be left at a given moment, so that the end of a limited wait is asked through.
_STREAM_AT_LEAST_SECONDS = 20.0
_ASK_INSTEAD_SECONDS = 30.0
_NEXT_STREAM_SECONDS = 1.0
_LONGEST_ASK_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 5.0
_SHORTEST_PAUSE_SECONDS = 1.0
# How long the web app may be away, as when it is restarted, before that is told.
_PATIENCE_SECONDS = 60.0


@dataclass(kw_only=True)
class Pursuit:
    """One following of one request; without ``timeout_seconds`` until it ends."""

    transport: Transport
    request_id: str
    timeout_seconds: float | None
    _last: Request | None = None
    _last_event_id: str = ""
    _stream_at: float = 0.0
    _rest_seconds: float = 0.0
    _deadline: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin to count the time."""
        seconds = self.timeout_seconds
        self._deadline = float("inf") if seconds is None else time.monotonic() + seconds

    def statuses(self) -> Iterator[Request]:
        """Yield the request as it is, and whenever it has changed; lastly as it ended.

        Raises `WaitTimedOut`, and a `ClientError` once the web app was away for a minute.
        """
        heard_at = time.monotonic()
        while self._last is None or not self._last.has_ended:
            if self._last is not None and self._left() <= 0:
                raise WaitTimedOut(self.request_id, self.timeout_seconds or 0)
            try:
                for request in self._round():
                    heard_at = time.monotonic()
                    if self._last is None or request.document != self._last.document:
                        yield request
                    self._last = request
            except (Unreachable, Unavailable, TooMany) as error:
                told_at_once = self._last is None and not isinstance(error, TooMany)
                if told_at_once or time.monotonic() > heard_at + _PATIENCE_SECONDS:
                    raise
                log.info("%s; %s goes on, looking again", error, self.request_id)
                self._pause(error.retry_after_seconds if isinstance(error, Problem) else 0)

    def _round(self) -> Iterator[Request]:
        may_stream = self._left() > _STREAM_AT_LEAST_SECONDS
        if may_stream and time.monotonic() >= self._stream_at:
            yield from self._streamed()
        else:
            yield self._asked()

    def _streamed(self) -> Iterator[Request]:
        """Yield what the stream tells, while it lasts; after one that broke, asking takes over."""
        self._stream_at = time.monotonic() + _ASK_INSTEAD_SECONDS
        try:
            with self.transport.stream(
                f"{self._path}/events",
                last_event_id=self._last_event_id,
                silence_seconds=_SILENCE_SECONDS,
            ) as events:
                for event in events:
                    self._last_event_id = event.id
                    if event.data is not None:
                        yield self.transport.read(event.data, read_request)
                    if self._left() < _STREAM_AT_LEAST_SECONDS:
                        return
                # Its life is limited: a look, then the next one goes on where it was.
                self._stream_at = time.monotonic() + _NEXT_STREAM_SECONDS
        except Denied:
            raise
        except ClientError as error:
            if isinstance(error, NotFound) and error.kind == "unknown-request":
                raise
            log.debug("no stream of events: %s", error)

    def _asked(self) -> Request:
        """Ask once, letting the web app hold its answer for some seconds where it can."""
        if self._rest_seconds:
            self._pause(self._rest_seconds)
        seconds = int(max(1, min(_LONGEST_ASK_SECONDS, self._left()))) if self._last else 0
        reply = self.transport.send(
            "GET",
            self._path,
            headers={"Prefer": f"wait={seconds}"} if seconds else {},
            wait_seconds=seconds,
            retry_seconds=0,
        )
        held = "Preference-Applied" in reply.headers
        self._rest_seconds = 0 if held else retry_after_seconds(reply.headers)
        return self.transport.read(reply.text, read_request)

    def _pause(self, seconds: float) -> None:
        wished = min(max(seconds, _SHORTEST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
        time.sleep(max(0.0, min(wished, self._left())))

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    @property
    def _path(self) -> str:
        return f"/requests/{quoted(self.request_id)}"
