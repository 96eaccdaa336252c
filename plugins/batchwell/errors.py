"""Every error that Batchwell raises on purpose.

BatchwellError
├── DefinitionError       a computation is declared in a way that cannot work
├── SettingsError         an environment variable or connection cannot be used
├── InvalidParameters     parameters do not fit the computation's signature
├── InvalidResult         a computation returned what cannot be kept
├── ArtifactUnavailable   a file is no more, or not what was saved
├── UnknownComputation    no computation has this name
├── UnknownRequest        no request has this id
├── UnknownDelivery       no delivery has this id
├── NotReplayable         a request that succeeded, or has not ended, cannot be replayed
├── IdempotencyKeyReused  an Idempotency-Key came before, with another payload
├── BadWebhook            no message may be sent to this URL
├── TooManyWebhooks       as many URLs as may be are told of a request's end already
├── QueueFull             the computation's ``max_pending`` is reached
├── ActionsFull           as many actions wait as may (``max_waiting``)
├── TokenExists           an access token has this name already
├── UnknownToken          no access token has this name
├── StoreRefuses          Redis does not let us: a wrong password, or an ACL that lacks a right
├── StoreUnavailable      Redis cannot be asked now: neither "empty" nor "unknown"
└── ActionsUnavailable    the database of actions cannot be asked now
"""

from __future__ import annotations

from dataclasses import dataclass


class BatchwellError(Exception):
    """Base of all errors of this package."""


class DefinitionError(BatchwellError):
    """Raised when ``@computation`` is given a function or a policy that cannot work."""


class SettingsError(BatchwellError):
    """Raised when a setting has a value that cannot be used; the message names it."""


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One complaint about one field; ``field`` is a dotted path such as ``legs.0.strike``."""

    field: str
    message: str


class InvalidParameters(BatchwellError):
    """Raised when parameters do not fit the signature; ``errors`` names each offending field."""

    def __init__(self, computation: str, errors: list[FieldError]) -> None:
        self.computation = computation
        self.errors = errors
        told = "; ".join(f"{error.field}: {error.message}" for error in errors)
        super().__init__(f"invalid parameters for {computation}: {told}")


class InvalidResult(BatchwellError):
    """Raised when a returned value is not of the declared type or is not JSON."""


class ArtifactUnavailable(BatchwellError):
    """Raised when the file at an artifact's ``path`` is no more, or not what was saved."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(f"the file of the artifact {path} {why}")


class UnknownComputation(BatchwellError):
    """Raised when no computation has the name; ``name`` holds it, ``hint`` may suggest another."""

    def __init__(self, name: str, hint: str = "") -> None:
        self.name = name
        told = f"there is no computation named {name!r}"
        super().__init__(f"{told}; {hint}" if hint else told)


class UnknownRequest(BatchwellError):
    """Raised when no request has the id, or its record has passed its retention."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(f"there is no request with the id {request_id!r}")


class UnknownDelivery(BatchwellError):
    """Raised when no delivery has the id, or its record has passed its retention."""

    def __init__(self, delivery_id: str) -> None:
        self.delivery_id = delivery_id
        super().__init__(f"there is no delivery with the id {delivery_id!r}")


class NotReplayable(BatchwellError):
    """Raised when a request that succeeded or has not ended is to be replayed."""

    def __init__(self, request_id: str, status: str) -> None:
        self.request_id = request_id
        self.status = status
        super().__init__(f"{request_id} is {status}: only what ended without a value is replayed")


class IdempotencyKeyReused(BatchwellError):
    """Raised when a submit's key came with another payload before; nothing was recorded."""

    def __init__(self, computation: str) -> None:
        self.computation = computation
        super().__init__(
            f"this Idempotency-Key came to {computation} before, with another body; "
            "send a new key with a new body"
        )


class BadWebhook(BatchwellError):
    """Raised when a URL is none that messages may be sent to; the message says why."""


class TooManyWebhooks(BatchwellError):
    """Raised when a request that is under way can take no further URL; nothing was changed."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(
            f"{request_id} is under way, and as many webhooks as may be are to be told of its end; "
            "look at it instead, or submit again once it has ended"
        )


class QueueFull(BatchwellError):
    """Raised when a new request would exceed ``max_pending``; nothing was recorded."""

    def __init__(self, computation: str, waiting: int, retry_after_seconds: float) -> None:
        self.computation = computation
        self.waiting = waiting
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{waiting} requests wait for {computation} already")


class ActionsFull(BatchwellError):
    """Raised when the log has no room for all actions of a call; none of them was taken."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} actions wait for the database: there is no room for these")


class TokenExists(BatchwellError):
    """Raised when a token is to be created whose name is taken, were it by an expired one."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a token named {name!r} already: revoke it or take another")


class UnknownToken(BatchwellError):
    """Raised when no access token has the name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no token named {name!r}")


class StoreRefuses(BatchwellError):
    """Raised when Redis refuses our user or what it asks: a misconfiguration, which lasts."""


class StoreUnavailable(BatchwellError):
    """Raised when Redis does not answer, is loading, read-only or out of memory."""


class ActionsUnavailable(BatchwellError):
    """Raised when the database of actions does not answer; what it was to be given waits."""
