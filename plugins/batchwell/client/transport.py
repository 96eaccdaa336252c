"""Calls over HTTP: with a token, with limits of time, and repeated where that helps and is safe."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

from batchwell import __version__
from batchwell.client.client_errors import (
    ClientError,
    NotBatchwell,
    Problem,
    TooMany,
    Unreachable,
    read_problem,
)
from batchwell.client.event_stream import Event, read_events
from batchwell.errors import SettingsError

_CONNECT_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.25

Answer = TypeVar("Answer")

log = logging.getLogger("batchwell.client")


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A successful answer."""

    headers: Mapping[str, str]
    text: bytes


class Transport:
    """A connection pool to one web app."""

    def __init__(
        self, url: str, token: str, *, timeout_seconds: float, retry_seconds: float
    ) -> None:
        """Connect to nothing yet; raise `SettingsError` for a URL that is none."""
        host = _host(url)
        self.url = url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._retry_seconds = retry_seconds
        headers = {"Accept": "application/json", "User-Agent": f"batchwell/{__version__}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers=headers,
            # A proxy of the environment does not lead to this machine itself.
            trust_env=host not in ("127.0.0.1", "localhost", "::1"),
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        wait_seconds: float = 0,
        retry_seconds: float | None = None,
        is_repeatable: bool = True,
    ) -> Reply:
        """Call, and return the answer; raise a `ClientError`.

        While the web app is busy (429, 503) or an answer is lost, the call is repeated, as its
        ``Retry-After`` says, within the client's ``retry_seconds`` or those given here; one that
        is not ``is_repeatable`` only where it has surely done nothing.
        """
        typed = {} if body is None else {"Content-Type": "application/json"}
        request = self._http.build_request(
            method,
            path,
            params=query,
            content=None if body is None else json.dumps(body, allow_nan=False).encode(),
            headers={**typed, **(headers or {})},
            timeout=_timeout(self._timeout_seconds + wait_seconds),
        )
        if retry_seconds is None:
            retry_seconds = self._retry_seconds
        give_up_at = time.monotonic() + retry_seconds
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return self._answered(request)
            except (Unreachable, Problem) as error:
                seconds = _pause_seconds(error, pause, is_repeatable=is_repeatable)
                if seconds is None or time.monotonic() + seconds > give_up_at:
                    raise
                log.info("%s; trying again in %.3g s", error, seconds)
            time.sleep(seconds)
            pause *= 2

    @contextmanager
    def stream(
        self, path: str, *, last_event_id: str, silence_seconds: float
    ) -> Iterator[Iterator[Event]]:
        """Open a stream of events; raise a `ClientError`, also while its events are read."""
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        with self._translated():
            timeout = _timeout(silence_seconds)
            with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
                if not response.is_success:
                    response.read()
                    raise self._problem(response)
                yield read_events(response.iter_bytes())

    def read(self, text: str | bytes, reader: Callable[[Any], Answer]) -> Answer:
        """Decode an answer and have it read; raise `NotBatchwell` if it is not what was due."""
        try:
            return reader(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            told = f"an answer of it cannot be read: {type(error).__name__}: {error}"
            raise NotBatchwell(self.url, told) from error

    def _answered(self, request: httpx.Request) -> Reply:
        with self._translated():
            response = self._http.send(request)
        if not response.is_success:
            raise self._problem(response)
        return Reply(headers=response.headers, text=response.content)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except httpx.ConnectError as error:
            raise _NotConnected(self.url, _reason(error)) from error
        except httpx.RequestError as error:
            raise Unreachable(self.url, _reason(error)) from error

    def _problem(self, response: httpx.Response) -> ClientError:
        """Return the error that the answer tells; not every one comes from the web app itself."""
        status, seconds = response.status_code, retry_after_seconds(response.headers)
        if response.headers.get("Content-Type", "").startswith("application/problem+json"):
            return self.read(response.content, lambda told: read_problem(told, status, seconds))
        told = f"it answers {status} {response.reason_phrase}"
        if status >= 500 or status in (401, 403, 429):
            return read_problem({"detail": f"{self.url} is of no use: {told}"}, status, seconds)
        return NotBatchwell(self.url, told)


class _NotConnected(Unreachable):
    """Raised when nothing was sent: the web app is surely not there."""


def quoted(name: str) -> str:
    """Return a name as one segment of a path; servers take an encoded slash for a real one."""
    return quote(name.replace("/", "%2F"), safe="", errors="replace")


def retry_after_seconds(headers: Mapping[str, str]) -> float:
    """Return the seconds of ``Retry-After``, 0 without."""
    text = headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _pause_seconds(
    error: Unreachable | Problem, pause: float, *, is_repeatable: bool
) -> float | None:
    """Return how long to wait before trying again; None: that is of no use, or does harm."""
    match error:
        case _NotConnected():
            return None
        case TooMany():
            return error.retry_after_seconds or pause
        case Problem(status=503) if is_repeatable:
            return error.retry_after_seconds or pause
        case Unreachable() if is_repeatable:
            return pause
        case _:
            return None


def _host(url: str) -> str:
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL:
        parts = httpx.URL("")
    if parts.userinfo:
        raise SettingsError("BATCHWELL_URL must have no password in it: give BATCHWELL_TOKEN")
    if parts.scheme not in ("http", "https") or not parts.host:
        raise SettingsError(f"BATCHWELL_URL must be such as http://127.0.0.1:8000, not {url!r}")
    return parts.host


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))


def _reason(error: httpx.RequestError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__
