"""``GET /requests/{id}/events``: server-sent events, until the request has ended."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress

from flask import Blueprint, Response, request

from batchwell.documents import dumps, request_document
from batchwell.errors import StoreRefuses, StoreUnavailable
from batchwell.follower import Followed
from batchwell.outlook import waiting_because
from batchwell.records import Request
from serving.crew import stepping_aside
from webapp.api import PREFIX
from webapp.asking import computation_of, find_request
from webapp.context import Context, get_context
from webapp.http.places import hang_up_of
from webapp.http.query_string import refuse_query
from webapp.problems import Refused

blueprint = Blueprint("events", __name__, url_prefix=PREFIX)

BEAT_SECONDS = 15.0
"""A comment is sent after so long without an event, so that nobody takes the stream for dead."""

LIFE_SECONDS = 600.0
"""How long a stream lasts; its client connects again, and goes on where it was."""

LEAST_SECONDS = 0.25
"""How soon an event may follow another, while the status stays."""

RETRY_SECONDS = 2

_HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


@blueprint.get("/requests/<request_id>/events")
def follow_request(request_id: str) -> Response:
    """Send the request's document now and at each change, until it has ended.

    The events are `status` (the status is another), `progress` (anything else is) and `end`. The id
    of an event stands for what it showed: who comes back with it as `Last-Event-ID` is sent what
    differs from it, and an empty 204 when nothing more will come.
    """
    context = get_context()
    refuse_query(request.query_string)
    if request.method == "HEAD":
        find_request(context.store, context.registry, request_id)
        return Response(status=200, headers=_HEADERS)
    computation_of(context.registry, request_id)
    with ExitStack() as stack:
        if not stack.enter_context(context.places.take()):
            raise Refused(
                "no-place",
                "As many clients as may wait here do so already.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        hang_up = hang_up_of(request.environ)
        followed = stack.enter_context(context.follower.follow(request_id, hang_up))
        record = find_request(context.store, context.registry, request_id)
        seen = request.headers.get("Last-Event-ID", "")
        if record.status.is_terminal and seen == event_id(record):
            return Response(status=204, headers={"Cache-Control": "no-store"})
        stream = _Stream(context, followed, record, seen)
        stack.enter_context(context.tallies.holding("stream"))
        response = Response(stream.events(), headers=_HEADERS)
        response.call_on_close(stack.pop_all().close)
    return response


def event_id(record: Request) -> str:
    """Return what stands for all that a reader would notice of the request, but for its ETA."""
    shown = (
        record.attempt,
        record.progress_fraction,
        record.progress_message,
        record.position,
        waiting_because(record),
        record.error_type,
        record.error_message,
    )
    return f"{record.status}-{zlib.crc32(repr(shown).encode()):08x}"


class _Stream:
    """One client's events: what it has seen, and when it last heard."""

    def __init__(self, context: Context, followed: Followed, record: Request, seen: str) -> None:
        self._context = context
        self._followed = followed
        self._record = record
        self._seen = seen
        self._sent_at = 0.0

    def events(self) -> Iterator[bytes]:
        """Yield the events, and a comment where there is none for long; see `follow_request`."""
        end_at = time.monotonic() + LIFE_SECONDS
        yield self._noting(b"retry: %d\n\n" % (1000 * RETRY_SECONDS))
        while True:
            if event_id(self._record) != self._seen:
                yield self._noting(self._event())
            elif self._left_of(BEAT_SECONDS) <= 0:
                yield self._noting(b":\n\n")
            if self._record.status.is_terminal:
                return
            with stepping_aside():
                self._followed.wait(min(self._left_of(BEAT_SECONDS), end_at - time.monotonic()))
            if self._followed.is_cut or time.monotonic() >= end_at:
                return
            with suppress(StoreUnavailable, StoreRefuses):  # it may be back before the next beat
                self._look()

    def _noting(self, text: bytes) -> bytes:
        self._sent_at = time.monotonic()
        return text

    def _left_of(self, seconds: float) -> float:
        return self._sent_at + seconds - time.monotonic()

    def _event(self) -> bytes:
        before, status = self._seen.partition("-")[0], self._record.status
        self._seen = event_id(self._record)
        name = "end" if status.is_terminal else "progress" if status == before else "status"
        document = dumps(request_document(self._record, self._context.settings.airflow_url))
        return f"event: {name}\nid: {self._seen}\ndata: ".encode() + document + b"\n\n"

    def _look(self) -> None:
        standing = self._followed.standing
        if standing is not None and standing.status is self._record.status:
            with stepping_aside():
                time.sleep(max(0.0, self._left_of(LEAST_SECONDS)))
        self._record = find_request(self._context.store, self._context.registry, self._record.id)
