"""The client: a method for each call of the API."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from batchwell.client.answers import (
    ActionsTaken,
    ActionTold,
    BulkOutcome,
    CatalogueEntry,
    Delivery,
    Generation,
    RefusedAction,
    Request,
    Result,
    Submission,
)
from batchwell.client.pursuit import Pursuit
from batchwell.client.reading import (
    read_actions_taken,
    read_bulk_outcome,
    read_catalogue_entry,
    read_delivery,
    read_generation,
    read_request,
    read_result,
    read_submission,
)
from batchwell.client.transport import Transport, quoted
from batchwell.settings import Settings

Answer = TypeVar("Answer")

MOST_BULK_ITEMS = 10_000
_MOST_BULK_CHARACTERS = 8 * 1024 * 1024
_BULK_SECONDS = 50.0
_PAGE = 200


class Client:
    """Calls Batchwell's API over HTTP; a context manager, which several threads may share.

    ``url`` and ``token`` are those of BATCHWELL_URL and BATCHWELL_TOKEN unless given. A call waits
    ``timeout_seconds`` for its answer. While the web app is busy, or when an answer is lost, it is
    repeated for up to ``retry_seconds``; nothing is done twice by that. Every method raises
    `ClientError`.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        timeout_seconds: float = 10.0,
        retry_seconds: float = 30.0,
    ) -> None:
        """Connect to nothing yet; raise `SettingsError` for a URL or a token that is none."""
        given = {"BATCHWELL_URL": url, "BATCHWELL_TOKEN": token}
        settings = Settings.from_env(
            os.environ | {name: text for name, text in given.items() if text is not None}
        )
        self._transport = Transport(
            settings.url,
            settings.token,
            timeout_seconds=timeout_seconds,
            retry_seconds=retry_seconds,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()

    def submit(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        priority: str | None = None,
        max_age: float | None = None,
        expires_in: float | None = None,
        wait: int = 0,
        idempotency_key: str | None = None,
        webhook: str | None = None,
    ) -> Submission:
        """Ask for a value: a fresh one at once, else the request that will bring it.

        ``max_age``: an older value does not do (0: compute in any case); ``expires_in``: not wanted
        any more if computing has not begun by then; ``wait``: hold the answer for up to so many
        seconds (60 at most). All in seconds. The same ``idempotency_key`` is the same submit.
        """
        options = _given(priority=priority, max_age=max_age, expires_in=expires_in, webhook=webhook)
        return self._call(
            read_submission,
            "POST",
            f"{_of(name)}/requests",
            body={"params": dict(params or {}), **options},
            headers=_once(idempotency_key) | _prefer(wait),
            wait_seconds=wait,
        )

    def submit_many(
        self,
        name: str,
        items: Iterable[Mapping[str, Any]],
        *,
        priority: str | None = None,
        max_age: float | None = None,
        expires_in: float | None = None,
        idempotency_key: str | None = None,
        webhook: str | None = None,
    ) -> list[BulkOutcome]:
        """Ask for many values; return what became of each item, in order.

        A bad item spoils only itself. Ten thousand go in one call.
        """
        options = _given(priority=priority, max_age=max_age, expires_in=expires_in, webhook=webhook)
        key = idempotency_key or str(uuid.uuid4())
        outcomes: list[BulkOutcome] = []
        for number, chunk in enumerate(_chunks({"params": params} for params in items)):
            outcomes += self._call(
                lambda told: [read_bulk_outcome(one) for one in told["outcomes"]],
                "POST",
                f"{_of(name)}/requests/bulk",
                body={"items": chunk, **options},
                headers=_once(f"{key}.{number}"),
                wait_seconds=_BULK_SECONDS,
            )
        return outcomes

    def act(self, actions: Iterable[ActionTold]) -> ActionsTaken:
        """Tell what users did; a bad action spoils only itself. Ten thousand go in one call.

        Those without an ``id`` are given one of this call, which repeats what is not answered: none
        is recorded twice. Who may have to call again, after an error, gives ids of his own.
        """
        token = uuid.uuid4().hex
        accepted, sent = 0, 0
        refused: list[RefusedAction] = []
        for chunk in _chunks(_spelt(action, f"{token}.{n}") for n, action in enumerate(actions)):
            taken = self._call(
                read_actions_taken,
                "POST",
                "/actions",
                body={"items": chunk},
                wait_seconds=_BULK_SECONDS,
            )
            accepted += taken.accepted
            refused += [replace(one, index=sent + one.index) for one in taken.refused]
            sent += len(chunk)
        return ActionsTaken(accepted=accepted, refused=refused)

    def result(
        self,
        name: str,
        params: Mapping[str, Any] | None = None,
        *,
        max_age: int | None = None,
        wait: int = 0,
        only_if_cached: bool = False,
    ) -> Result:
        """Read the value known best; raise `NotFound` where there was never any.

        One that is stale, or older than ``max_age`` seconds, is being recomputed by that, unless
        ``only_if_cached``; ``wait`` up to so many seconds for it. Parameters that are None are left
        to their defaults.
        """
        control = [f"max-age={int(max_age)}"] if max_age is not None else []
        control += ["only-if-cached"] if only_if_cached else []
        return self._call(
            read_result,
            "GET",
            f"{_of(name)}/result",
            query={
                field: value if isinstance(value, str) else json.dumps(value)
                for field, value in (params or {}).items()
                if value is not None
            },
            headers=({"Cache-Control": ", ".join(control)} if control else {}) | _prefer(wait),
            wait_seconds=wait,
        )

    def latest(self, name: str) -> Result:
        """Read the value that was computed last, whatever its parameters."""
        return self._call(read_result, "GET", f"{_of(name)}/latest")

    def request(self, request_id: str) -> Request:
        """Tell how a request stands."""
        return self._call(read_request, "GET", f"/requests/{quoted(request_id)}")

    def follow(self, request_id: str, *, timeout: float | None = None) -> Iterator[Request]:
        """Yield the request as it stands, and whenever that changes; lastly as it ended.

        Raises `WaitTimedOut` after ``timeout`` seconds. Restarts of the web app are ridden out.
        """
        return Pursuit(
            transport=self._transport, request_id=request_id, timeout_seconds=timeout
        ).statuses()

    def wait(self, request_id: str, *, timeout: float | None = None) -> Request:
        """Return the request once it has ended, well or not; raise `WaitTimedOut`."""
        *_, last = self.follow(request_id, timeout=timeout)
        return last

    def compute(
        self, name: str, params: Mapping[str, Any] | None = None, *, timeout: float | None = None
    ) -> Result:
        """Submit, wait and return the result; raise `EndedWithoutValue` or `WaitTimedOut`."""
        submission = self.submit(name, params)
        if submission.result is not None:
            return submission.result
        return self.wait(submission.document["id"], timeout=timeout).outcome()

    def cancel(self, request_id: str) -> Request:
        """Cancel a request that waits or runs; raise `Conflict` for one that has ended."""
        return self._call(read_request, "DELETE", f"/requests/{quoted(request_id)}")

    def replay(self, request_id: str) -> Request:
        """Have a request that ended without a value computed again, by a new request."""
        return self._call(read_request, "POST", f"/requests/{quoted(request_id)}/retry")

    def failures(self, name: str) -> Iterator[Request]:
        """Yield the dead letters, the latest first, asking for a page whenever one is due."""
        return self._pages(read_request, f"{_of(name)}/failures", "failures")

    def deliveries(self, name: str) -> Iterator[Delivery]:
        """Yield the webhooks' messages of the last week, the latest first."""
        return self._pages(read_delivery, f"{_of(name)}/deliveries", "deliveries")

    def redeliver(self, delivery_id: str) -> Delivery:
        """Have a message delivered again, whatever became of it."""
        return self._call(
            read_delivery, "POST", f"/deliveries/{quoted(delivery_id)}/retry", is_repeatable=False
        )

    def invalidate(self, name: str) -> Generation:
        """Make every known value stale; each is served until it is recomputed."""
        return self._call(read_generation, "POST", f"{_of(name)}/invalidate", is_repeatable=False)

    def computations(self) -> list[CatalogueEntry]:
        """List all computations."""
        return self._call(
            lambda told: [read_catalogue_entry(one) for one in told["computations"]],
            "GET",
            "/computations",
        )

    def computation(self, name: str) -> CatalogueEntry:
        """Tell what a computation takes, gives and promises, and how busy it is."""
        return self._call(read_catalogue_entry, "GET", _of(name))

    def _pages(self, reader: Callable[[Any], Answer], path: str, members: str) -> Iterator[Answer]:
        query: dict[str, str] = {"limit": f"{_PAGE}"}
        while True:
            page, cursor = self._call(
                lambda told: ([reader(one) for one in told[members]], told.get("next")),
                "GET",
                path,
                query=query,
            )
            yield from page
            if not cursor:
                return
            query["cursor"] = cursor

    def _call(
        self, reader: Callable[[Any], Answer], method: str, path: str, **options: Any
    ) -> Answer:
        return self._transport.read(self._transport.send(method, path, **options).text, reader)


def _of(name: str) -> str:
    return f"/computations/{quoted(name)}"


def _given(**members: object) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


def _chunks(items: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Part the items into bodies that one call takes."""
    chunk: list[Mapping[str, Any]] = []
    size = 0
    for item in items:
        length = len(json.dumps(item))
        if chunk and (len(chunk) == MOST_BULK_ITEMS or size + length > _MOST_BULK_CHARACTERS):
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += length
    if chunk:
        yield chunk


def _spelt(action: ActionTold, own_id: str) -> dict[str, Any]:
    at = action.get("at")
    time = {"at": at.isoformat()} if isinstance(at, datetime) else {}
    return {"id": own_id, **action, **time}


def _once(key: str | None) -> dict[str, str]:
    """Return the header that makes a repeated submit the same submit."""
    return {"Idempotency-Key": key or str(uuid.uuid4())}


def _prefer(wait: int) -> dict[str, str]:
    return {"Prefer": f"wait={int(wait)}"} if wait > 0 else {}
