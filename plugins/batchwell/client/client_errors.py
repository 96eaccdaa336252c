"""What may come of a call in place of an answer.

BatchwellError
└── ClientError            the web app did not do what was asked
    ├── Unreachable        nobody answered: it is not running, or is somewhere else
    ├── NotBatchwell       somebody answered, but not with what Batchwell's API gives
    ├── Problem            it refused, and says why (RFC 9457)
    │   ├── Invalid        the call does not fit: 400, 413, 415, 422 and others
    │   ├── Denied         the token is missing, unknown or lacks the scope: 401, 403
    │   ├── NotFound       no such computation or request, or never computed: 404
    │   ├── Conflict       the request has ended already, or cannot be replayed: 409
    │   ├── TooMany        the queue is full, or a rate limit is reached: 429
    │   └── Unavailable    the store is away, or the web app has a fault: 5xx
    ├── EndedWithoutValue  the request failed, was cancelled or has expired
    └── WaitTimedOut       it had not ended when the time was up; it goes on
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from batchwell.errors import BatchwellError, FieldError


class ClientError(BatchwellError):
    """Base of what a call of the client raises."""


class Unreachable(ClientError):
    """Raised when the web app cannot be connected to, or does not answer in time."""

    def __init__(self, url: str, reason: str) -> None:
        self.url = url
        super().__init__(
            f"no answer from the web app at {url} ({reason}): "
            "start it (scripts/up), or set BATCHWELL_URL to where it is"
        )


class NotBatchwell(ClientError):
    """Raised when an answer is none of Batchwell's: of a proxy, or of another program."""

    def __init__(self, url: str, told: str) -> None:
        self.url = url
        super().__init__(f"{url} is not Batchwell's API ({told}): set BATCHWELL_URL to where it is")


class Problem(ClientError):
    """Raised when the web app answers with a problem.

    ``type`` is stable, such as ``/problems/queue-full``; ``errors`` names the offending fields;
    ``retry_after_seconds`` tells when trying again may help, 0 if that is not known.
    """

    def __init__(
        self,
        *,
        status: int,
        type: str = "about:blank",
        title: str = "",
        detail: str = "",
        errors: Sequence[FieldError] = (),
        retry_after_seconds: float = 0.0,
    ) -> None:
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.errors = errors
        self.retry_after_seconds = retry_after_seconds
        told = detail or title or f"the web app answers {status}"
        untold = [f"{one.field}: {one.message}" for one in errors if one.message not in told]
        super().__init__("; ".join([told, *untold]))

    @property
    def kind(self) -> str:
        """The last part of the type: ``queue-full``."""
        return self.type.rpartition("/")[2]


class Invalid(Problem):
    """Raised when the parameters or the call itself do not fit; nothing was recorded."""


class Denied(Problem):
    """Raised when the token does not allow the call."""


class NotFound(Problem):
    """Raised when there is no such computation, request or value."""


class Conflict(Problem):
    """Raised when the request is in a status that does not allow the call."""


class TooMany(Problem):
    """Raised when the queue is full or a rate limit reached, and waiting for it took too long."""


class Unavailable(Problem):
    """Raised when the web app answers, but cannot do anything now."""


class EndedWithoutValue(ClientError):
    """Raised when the value of a request that failed, expired or was cancelled is asked for."""

    def __init__(self, request_id: str, status: str, reason: str) -> None:
        self.request_id = request_id
        self.status = status
        super().__init__(f"{request_id} {status}: {reason}" if reason else f"{request_id} {status}")


class WaitTimedOut(ClientError):
    """Raised when a request has not ended in time; the request itself goes on."""

    def __init__(self, request_id: str, seconds: float) -> None:
        self.request_id = request_id
        super().__init__(f"{request_id} has not ended within {seconds:g} s; it goes on")


_BY_STATUS = {401: Denied, 403: Denied, 404: NotFound, 409: Conflict, 429: TooMany}


def read_problem(
    document: Mapping[str, Any], status: int, retry_after_seconds: float = 0.0
) -> Problem:
    """Return the error that a problem document tells; its class goes by the status."""
    kind = _BY_STATUS.get(status, Unavailable if status >= 500 else Invalid)
    return kind(
        status=status,
        type=document.get("type", "about:blank"),
        title=document.get("title", ""),
        detail=document.get("detail", ""),
        errors=[
            FieldError(field=one["field"], message=one["message"])
            for one in document.get("errors", ())
        ],
        retry_after_seconds=retry_after_seconds,
    )
