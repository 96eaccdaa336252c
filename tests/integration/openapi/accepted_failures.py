"""What schemathesis calls a failure and is none: rules that no JSON schema can express."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure


@schemathesis.hook
def filter_failure(
    context: HookContext, failure: Failure, case: Case[Any], response: Response
) -> bool:
    """Tell whether it is a failure indeed."""
    answer = _json(response)
    match failure.checks:
        case ("positive_data_acceptance",):
            return not (
                _is_reused_key(answer)
                or _is_refused(answer, "cursor")  # it is taken from a page, not made up
                or _is_refused(answer, "If-None-Match")  # it is taken from an answer
                or _is_refused(answer, "webhook")  # this server has no secret to sign with
                or _is_unknown_action(answer)
            )
        case ("negative_data_rejection",):
            return not _tells_bad_items(answer)
        case _:
            return True


def _is_reused_key(answer: dict[str, Any]) -> bool:
    """The key came before with another body: it is of the same few that are generated."""
    return answer.get("type") == "/problems/idempotency-key-reused"


def _is_refused(answer: dict[str, Any], field: str) -> bool:
    return [error["field"] for error in answer.get("errors", ())] == [field]


def _is_unknown_action(answer: dict[str, Any]) -> bool:
    """There is no such item or action, or the time is none that can be now."""
    fields = {error["field"] for error in answer.get("errors", ())}
    return answer.get("type") == "/problems/invalid-action" and fields <= {"item", "action", "at"}


def _tells_bad_items(answer: dict[str, Any]) -> bool:
    """An item of a bulk submit that does not fit is told in its outcome: it spoils only itself."""
    counts: dict[str, int] = answer.get("counts", {})
    return counts.get("invalid", 0) > 0


def _json(response: Response) -> dict[str, Any]:
    if "json" not in response.headers.get("content-type", [""])[0]:
        return {}
    value = response.json()
    return value if isinstance(value, dict) else {}
