"""Problems: the one place where errors become answers (RFC 9457, or a page for a browser)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field

from flask import Blueprint, Flask, Response, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from batchwell.errors import (
    ActionsFull,
    BadWebhook,
    FieldError,
    IdempotencyKeyReused,
    InvalidParameters,
    NotReplayable,
    QueueFull,
    StoreRefuses,
    StoreUnavailable,
    TooManyWebhooks,
    UnknownComputation,
    UnknownDelivery,
    UnknownRequest,
)
from webapp.access.scopes import needs
from webapp.asking import whole_seconds
from webapp.http.answers import json_answer
from webapp.http.page_answer import page_answer
from webapp.problem_kinds import BY_STATUS, KINDS, Kind

blueprint = Blueprint("problems", __name__)

log = logging.getLogger(__name__)

_MOST_UNREAD_BYTES = 64 * 1024 * 1024
_PIECE_BYTES = 64 * 1024
_LONGEST_PATH = 100
# Who collects takes thousands a second, or is not there at all.
_ACTIONS_RETRY_SECONDS = "5"
_HEADERS = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}


# Errors whose own words are the detail.
_PLAIN: dict[type[Exception], str] = {
    UnknownComputation: "unknown-computation",
    UnknownRequest: "unknown-request",
    UnknownDelivery: "unknown-delivery",
    NotReplayable: "not-replayable",
    IdempotencyKeyReused: "idempotency-key-reused",
    TooManyWebhooks: "too-many-webhooks",
}


class Refused(Exception):
    """Raised by a route to answer with a problem of one of the `KINDS`."""

    def __init__(
        self,
        kind: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        super().__init__(detail)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """An answer that is not what was asked for; ``errors`` names the offending fields."""

    kind: Kind
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, object]:
        """Return the problem document."""
        document: dict[str, object] = {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [asdict(error) for error in self.errors]
        return document


def problem_of(error: Exception) -> Problem:
    """Map any error to its problem; what nobody expected tells nothing of the inside."""
    if (slug := _PLAIN.get(type(error))) is not None:
        return Problem(kind=KINDS[slug], detail=f"{error}")
    match error:
        case Refused():
            return Problem(
                kind=KINDS[error.kind],
                detail=error.detail,
                errors=error.errors,
                headers=error.headers,
            )
        case InvalidParameters():
            return Problem(kind=KINDS["invalid-parameters"], detail=f"{error}", errors=error.errors)
        case BadWebhook():
            errors = [FieldError(field="webhook", message=f"{error}")]
            detail = f"webhook {error}; nothing was recorded"
            return Problem(kind=KINDS["invalid-body"], detail=detail, errors=errors)
        case QueueFull():
            return Problem(
                kind=KINDS["queue-full"],
                detail=f"{error}; nothing was recorded",
                headers={"Retry-After": str(whole_seconds(error.retry_after_seconds))},
            )
        case ActionsFull():
            return Problem(
                kind=KINDS["actions-full"],
                detail=f"{error}; nothing was recorded",
                headers={"Retry-After": _ACTIONS_RETRY_SECONDS},
            )
        case StoreUnavailable():
            return Problem(
                kind=KINDS["store-unavailable"],
                detail="The store does not answer now. Asking again later does no harm.",
                headers={"Retry-After": "2"},
            )
        case StoreRefuses():
            return Problem(
                kind=KINDS["store-refuses"], detail="The log of the web app tells what is refused."
            )
        case HTTPException():
            return _http_problem(error)
        case _:
            return Problem(
                kind=KINDS["internal-error"], detail="The error is in the log of the web app."
            )


def _http_problem(error: HTTPException) -> Problem:
    status = error.code or 500
    kind = BY_STATUS.get(status) or Kind("about:blank", status, error.name, "")
    headers = {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return Problem(kind=kind, detail=_http_detail(error) or kind.title, headers=headers)


def _http_detail(error: HTTPException) -> str | None:
    """Return our own words for an address that leads nowhere, else those of the framework."""
    path = request.path
    if len(path) > _LONGEST_PATH:
        path = f"{path[:_LONGEST_PATH]}…"
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return f"{request.method} does not apply to {path}, which takes: {allowed}."
    if isinstance(error, NotFound):
        return f"There is nothing at {path} to {request.method}."
    return error.description


def init_app(app: Flask) -> None:
    """Have every error of ``app`` answered here."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """Answer with the error's problem: as JSON, or as a page to a browser that asked for one."""
    problem = problem_of(error)
    if isinstance(error, StoreUnavailable):
        log.warning("%s", error)
    elif isinstance(error, StoreRefuses):
        log.error("%s", error)
    elif problem.kind is KINDS["internal-error"]:
        log.error("%s %s failed", request.method, request.url_rule, exc_info=error)
    _finish_body()
    if _wants_page():
        response = _page(problem)
    else:
        response = json_answer(problem.document(), problem.kind.status, _HEADERS)
    response.headers.update(problem.headers)
    return response


def _finish_body() -> None:
    """Read what is left of the body, within bounds.

    Most clients read no answer before they have sent all, and would only see a broken connection.
    """
    if request.environ.get("wsgi.input_terminated"):
        body = request.environ["wsgi.input"]
        with suppress(OSError, ParseException):  # gone, or cut wrongly
            for _ in range(_MOST_UNREAD_BYTES // _PIECE_BYTES):
                if not body.read(_PIECE_BYTES):
                    break


def _page(problem: Problem) -> Response:
    if problem.kind is KINDS["not-authenticated"]:
        back = request.full_path.removesuffix("?") if request.method == "GET" else "/"
        return page_answer("login.html", problem.kind.status, next=back)
    return page_answer("problem.html", problem.kind.status, problem=problem)


def _wants_page() -> bool:
    """Tell whether a person looks: by a browser, and not at the API."""
    preferred = request.accept_mimetypes.best_match(["application/problem+json", "text/html"])
    return preferred == "text/html" and not request.path.startswith("/api/")


@blueprint.get("/problems/<slug>")
@needs(None)
def explain(slug: str) -> Response:
    """Show what a problem's ``type`` means and what to do about it."""
    if slug not in KINDS:
        raise NotFound
    return page_answer("problem_kind.html", kind=KINDS[slug])
