"""The verbs of those who ask: submit, read, look at, cancel and replay requests."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Literal

from batchwell.errors import IdempotencyKeyReused, InvalidParameters, NotReplayable, UnknownRequest
from batchwell.identifiers import new_token, split_request_id
from batchwell.identifiers import request_id as join_request_id
from batchwell.known_results import Result
from batchwell.parameters import Parameters
from batchwell.records import DeadLetters, Priority, Request, Status, Submission
from batchwell.store.door import RETAIN_MS, AnyComputation, Door, encode, milliseconds
from batchwell.work_records import Counts

_CHUNK = 500
_NOT_QUEUED = (-1, b"", 0)
_UNATTENDED = (0, 0, b"", b"", b"", b"", b"", b"", 0)


@dataclass(frozen=True, kw_only=True)
class Once:
    """What makes two submits the same one: a key, and a digest of all that came with it."""

    key: str
    payload: str


class Asking(Door):
    """What a web app, a command or a DAG asks of the store."""

    def submit(
        self,
        computation: AnyComputation,
        items: Sequence[Parameters],
        *,
        priority: Priority = Priority.NORMAL,
        max_age_seconds: float | None = None,
        expires_seconds: float | None = None,
        touch: bool = False,
        most_bytes: int | None = None,
        once: Once | None = None,
        trace: str = "",
        webhook: str | None = None,
        with_records: bool = False,
    ) -> list[Submission]:
        """Decide each submit, in order: fresh, attached, created, full or crowded.

        Atomic for each; one round trip per few hundred. ``max_age_seconds`` refuses a fresh
        result that is older (0 forces a new one); after ``expires_seconds`` without a start the
        request expires; ``touch`` makes a fresh result the latest; ``most_bytes``: once the
        values of a round trip have more, the results from there on are left out (0: all of them);
        ``trace`` is kept with what is created, for the log of who computes it; ``webhook`` is a URL
        to be told of the end of each request ("crowded": of this one no further URL can be);
        ``with_records`` tells all of each request too, as `inspect` would at that moment.

        ``once``: a call that was answered within a day is answered alike, whatever has become of
        its requests since; what was refused is decided anew. Raises `IdempotencyKeyReused`.
        """
        more: dict[str, object] = {"once": asdict(once)} if once else {}
        if trace:
            more["trace"] = trace
        if webhook is not None:
            more["webhook"] = webhook
        if most_bytes is not None:
            more["most_bytes"] = most_bytes
        submissions: list[Submission] = []
        call_size = _call_size(computation)
        for first in range(0, len(items), _CHUNK):
            chunk = items[first : first + _CHUNK]
            reply = self._run(
                "submit",
                computation.name,
                encode(
                    items=[[new_token(), item.digest, item.json] for item in chunk],
                    offset_ms=priority.offset_seconds * 1000,
                    max_age_ms=milliseconds(max_age_seconds),
                    expires_ms=milliseconds(expires_seconds),
                    version=computation.policy.version,
                    max_pending=computation.policy.max_pending,
                    retain_ms=RETAIN_MS,
                    touch=touch,
                    describe=with_records,
                    **more,
                ),
                durable=self.durable,
            )
            if reply == b"reused":
                raise IdempotencyKeyReused(computation.name)
            submissions += [
                Submission.decode(computation.name, item, call_size=call_size) for item in reply
            ]
        return submissions

    def read(self, computation: AnyComputation, parameters: Parameters) -> Result | None:
        """Return the last good value for these parameters, fresh or stale, and note the read."""
        return self._read(computation, parameters.digest)

    def latest(self, computation: AnyComputation) -> Result | None:
        """Return the result that was computed last, whatever its parameters."""
        return self._read(computation, "")

    def _read(self, computation: AnyComputation, digest: str) -> Result | None:
        reply = self._run("read", computation.name, *read_arguments(computation, digest))
        return Result.decode(computation.name, reply)

    def invalidate(self, computation: AnyComputation) -> int:
        """Begin a new generation, which makes every known result stale; return it. Atomic, O(1)."""
        return int(self._run("invalidate", computation.name))

    def inspect(self, computation: AnyComputation, request_id: str) -> Request | None:
        """Return the request's record and, if its parameters have one, their result."""
        name, token = split_request_id(request_id)
        if name != computation.name:
            return None
        told, result = self._run("inspect", name, token, computation.policy.version, RETAIN_MS)
        return Request.decode(name, token, told, result, call_size=_call_size(computation))

    def cancel(self, computation: AnyComputation, request_id: str) -> Status | None:
        """Cancel a request that has not ended; return its status then, None when unknown. Atomic.

        A running one is cancelled at once; its worker notices at its next heartbeat or progress
        report, and stops computing it.
        """
        name, token = split_request_id(request_id)
        status = self._run("cancel", name, token, RETAIN_MS).decode()
        return Status(status) if status else None

    def retry(self, computation: AnyComputation, request_id: str, *, trace: str = "") -> str:
        """Replay a failed, cancelled or expired request; return the new request's id. Atomic.

        Raises `UnknownRequest`, or `NotReplayable` for one that succeeded or has not ended.
        """
        name, token = split_request_id(request_id)
        outcome, replayed = self._run(
            "retry", name, token, new_token(), trace, durable=self.durable
        )
        if outcome == b"unknown":
            raise UnknownRequest(request_id)
        if not replayed:
            raise NotReplayable(request_id, outcome.decode())
        return join_request_id(name, replayed.decode())

    def failures(
        self, computation: AnyComputation, *, after: str = "", count: int = 100
    ) -> DeadLetters:
        """Return ``count`` dead letters, the latest first, from the place ``after`` on. Atomic.

        Going on after each `DeadLetters.next` misses and repeats none, also while letters come
        and go.
        """
        total, following, *found = self._run("failures", computation.name, after, count)
        requests = [
            Request.decode(
                computation.name, token.decode(), [record, _NOT_QUEUED, _UNATTENDED, []], []
            )
            for token, record in found
        ]
        return DeadLetters(
            total=total,
            requests=[request for request in requests if request is not None],
            next=following.decode(),
        )

    def count(self, computation: AnyComputation) -> Counts:
        """Count pending, running and finished requests, results and live workers."""
        return Counts.decode(self._run("count", computation.name))

    def known(
        self,
        computation: AnyComputation,
        which: Literal["stale", "due", "hot", "all"],
        *,
        ahead_seconds: float = 0,
        chunk: int = 500,
    ) -> Iterator[list[Parameters]]:
        """Yield the parameters of known results, chunk by chunk.

        "stale": those that are not fresh; "due": also those that were read within ``hot_for`` and
        go stale within ``ahead_seconds``; "hot": of the due only those so read; "all". Those that
        no longer fit the signature are left out: nothing could compute them. Some may be repeated
        while results change.
        """
        times = encode(
            hot_ms=max(0, milliseconds(computation.policy.hot_for)),
            ahead_ms=milliseconds(ahead_seconds),
        )
        cursor = ""
        while cursor != "0":
            reply, *texts = self._run(
                "known",
                computation.name,
                cursor or "0",
                chunk,
                computation.policy.version,
                which,
                times,
            )
            cursor = reply.decode()
            if found := still_fitting(computation, texts):
                yield found

    def arrive(
        self,
        computation: AnyComputation,
        change: str,
        *,
        by: str,
        expected: Collection[str],
        run: str,
    ) -> Literal["complete", "waiting", "known"]:
        """Note that an upstream change has come by one dependency.

        Begins a new generation once it has come by all ``expected``, and once only; ``run``, which
        completed it, is told so again. Atomic.
        """
        call = encode(change=change, by=by, expected=list(expected), run=run, retain_ms=RETAIN_MS)
        reply: Literal["complete", "waiting", "known"] = self._run(
            "arrive", computation.name, call
        ).decode()
        return reply


def read_arguments(computation: AnyComputation, digest: str) -> tuple[str, str, int]:
    """Return what ``read.lua`` is given, for a digest of parameters or "" for the latest result."""
    policy = computation.policy
    hot_ms = 0 if policy.hot_for is None else milliseconds(policy.hot_for)
    return digest, policy.version, hot_ms


def still_fitting(computation: AnyComputation, texts: Iterable[bytes]) -> list[Parameters]:
    """Return the parameters that still fit the signature: nothing could compute the others."""
    found = []
    for text in texts:
        with suppress(InvalidParameters):
            found.append(computation.parse(json.loads(text)))
    return found


def _call_size(computation: AnyComputation) -> int:
    return computation.policy.max_batch if computation.batch else 1
