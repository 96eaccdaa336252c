"""``POST …/requests/bulk``: ask for thousands of computings in one call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, request

from batchwell.documents import result_document
from batchwell.errors import InvalidParameters, TooManyWebhooks
from batchwell.parameters import Parameters
from batchwell.records import Submission
from batchwell.store import AnyComputation, Once
from webapp.api import PREFIX
from webapp.asking import queue_full
from webapp.context import Context, get_context
from webapp.http.answers import json_answer
from webapp.http.bulk_body import BulkBody, parse_item, read_bulk_body
from webapp.http.idempotency import read_once
from webapp.http.query_string import refuse_query
from webapp.monitoring.noting import note_submissions, trace_to_keep
from webapp.problems import Refused, problem_of
from webapp.webhook import check_webhook

blueprint = Blueprint("bulk", __name__, url_prefix=PREFIX)

_CHUNK = 500
# Values beyond this many bytes in all are left out of an answer: they are read one by one.
_MOST_BYTES = 32 * 1024 * 1024


@blueprint.post("/computations/<name>/requests/bulk")
def submit_bulk(name: str) -> Response:
    """Answer with an outcome for each item, in order: fresh, accepted, full or invalid."""
    context = get_context()
    computation = context.registry[name]
    refuse_query(request.query_string)
    body = read_bulk_body(request)
    check_webhook(body.webhook, context.settings)
    items = [_parsed(computation, item) for item in body.items]
    valid = [item for item in items if isinstance(item, Parameters)]
    once = read_once(request, body, valid)
    submissions = _submit(context, computation, valid, body, once)
    outcomes = [
        _invalid(item) if isinstance(item, Exception) else _outcome(next(submissions))
        for item in items
    ]
    counts = Counter(outcome["outcome"] for outcome in outcomes)
    headers: dict[str, str] = {}
    if counts["full"]:
        problem = problem_of(queue_full(context.store, computation))
        headers.update(problem.headers)
        document = problem.document()
        for outcome in outcomes:
            if outcome["outcome"] == "full":
                outcome["problem"] = document
    return json_answer(
        {
            "computation": name,
            "counts": {kind: counts[kind] for kind in ("fresh", "accepted", "full", "invalid")},
            "outcomes": outcomes,
        },
        headers=headers,
    )


def _parsed(computation: AnyComputation, item: object) -> Parameters | Exception:
    try:
        return parse_item(computation, item)
    except (InvalidParameters, Refused) as error:
        return error


def _submit(
    context: Context,
    computation: AnyComputation,
    items: Sequence[Parameters],
    body: BulkBody,
    once: Once | None,
) -> Iterator[Submission]:
    left = _MOST_BYTES
    for first in range(0, len(items), _CHUNK):
        submissions = context.store.submit(
            computation,
            items[first : first + _CHUNK],
            priority=body.priority,
            max_age_seconds=body.max_age,
            expires_seconds=body.expires_in,
            most_bytes=max(0, left),
            once=once,
            trace=trace_to_keep(request.environ),
            webhook=body.webhook,
        )
        note_submissions(context, request.environ, computation.name, submissions)
        left -= sum(len(each.result.value.encode()) for each in submissions if each.result)
        yield from submissions


def _outcome(submission: Submission) -> dict[str, object]:
    result = result_document(submission.result) if submission.result else None
    if submission.outcome == "fresh":
        return {"outcome": "fresh", "result": result}
    if submission.outcome == "full":
        return {"outcome": "full", "previous": result}
    if submission.outcome == "crowded":
        return _invalid(TooManyWebhooks(submission.request or ""))
    return {
        "outcome": "accepted",
        "request": submission.request,
        "links": {"self": f"{PREFIX}/requests/{submission.request}"},
        "previous": result,
    }


def _invalid(error: Exception) -> dict[str, object]:
    return {"outcome": "invalid", "problem": problem_of(error).document()}
