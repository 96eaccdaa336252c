"""Every call of the API: what it takes and what it answers, by its route's endpoint.

A route's path and methods are read from Flask, its summary from the docstring of its view.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from webapp.http.paging import Page
from webapp.http.submit_body import SubmitBody
from webapp.openapi import action_models, app_models, bulk_models, models
from webapp.openapi.call import Answer, Call

_CATALOGUE, _REQUESTS, _HEALTH, _ARTICLE = "Catalogue", "Requests", "Health", "The classic pair"
_ACTIONS = "Actions"
TAGS = {
    _REQUESTS: "Follow a request, cancel it, replay it.",
    _ACTIONS: "What people do, for the computations that learn from it.",
    _CATALOGUE: "What can be computed, and this description.",
    _HEALTH: "For operators and load balancers.",
    _ARTICLE: "Two routes in plain text, for Fibonacci.",
}
"""What the calls are about that name no computation."""

_TEXT = "text/plain"
_CHECKED = ("ETag", "Cache-Control")
_VALUE = (*_CHECKED, "Age", "Preference-Applied")


def _accepted(told: str, model: type[BaseModel]) -> Answer:
    return Answer(
        told=told,
        model=model,
        headers=("Location", "Retry-After", "Preference-Applied"),
        links=("show_request", "cancel", "retry"),
    )


CALLS: Mapping[str, Call] = {
    "submissions.submit": Call(
        body=SubmitBody,
        headers=("Prefer", "Idempotency-Key"),
        answers={
            200: Answer(
                told="A fresh value is known, or came while the call waited.",
                model=models.Result,
                headers=_VALUE,
            ),
            202: _accepted("The value is being computed.", models.Accepted),
        },
        problems=("idempotency-key-reused", "queue-full", "too-many-webhooks"),
    ),
    "results.read_result": Call(
        query="parameters",
        headers=("Cache-Control", "Prefer"),
        cached=True,
        answers={
            200: Answer(told="The value, fresh or stale.", model=models.Result, headers=_VALUE)
        },
        problems=("never-computed",),
    ),
    "results.read_latest": Call(
        cached=True,
        answers={
            200: Answer(
                told="The value computed last.", model=models.Result, headers=(*_CHECKED, "Age")
            )
        },
        problems=("never-computed",),
    ),
    "bulk.submit_bulk": Call(
        body=bulk_models.BulkBody,
        headers=("Idempotency-Key",),
        answers={
            200: Answer(
                told="What became of each item.",
                model=bulk_models.BulkAnswer,
                headers=("Retry-After",),
            )
        },
        problems=("idempotency-key-reused",),
    ),
    "computations.show_computation": Call(
        cached=True,
        answers={
            200: Answer(told="The computation.", model=app_models.Computation, headers=_CHECKED),
        },
    ),
    "results.invalidate": Call(
        answers={200: Answer(told="A new generation has begun.", model=models.Invalidation)},
    ),
    "submissions.list_failures": Call(
        query=Page,
        cached=True,
        answers={
            200: Answer(
                told="A page of dead letters.", model=models.Failures, headers=(*_CHECKED, "Link")
            )
        },
    ),
    "deliveries.list_deliveries": Call(
        query=Page,
        cached=True,
        answers={
            200: Answer(
                told="A page of deliveries.", model=models.Deliveries, headers=(*_CHECKED, "Link")
            )
        },
    ),
    "submissions.show_request": Call(
        tag=_REQUESTS,
        headers=("Prefer",),
        cached=True,
        answers={
            200: Answer(
                told="How it stands.",
                model=models.Request,
                headers=(*_CHECKED, "Retry-After", "Preference-Applied"),
            )
        },
        problems=("unknown-request",),
    ),
    "events.follow_request": Call(
        tag=_REQUESTS,
        headers=("Last-Event-ID",),
        answers={
            200: Answer(
                told="Server-sent events.", model=models.Event, media_type="text/event-stream"
            ),
            204: Answer(told="You have seen its end.", media_type=None),
        },
        problems=("unknown-request", "no-place"),
    ),
    "submissions.cancel": Call(
        tag=_REQUESTS,
        answers={200: Answer(told="It is cancelled.", model=models.Request)},
        problems=("unknown-request", "already-ended"),
    ),
    "submissions.retry": Call(
        tag=_REQUESTS,
        answers={202: _accepted("The request that replays it.", models.Request)},
        problems=("unknown-request", "not-replayable"),
    ),
    "deliveries.redeliver": Call(
        tag=_REQUESTS,
        answers={202: Answer(told="It is due now.", model=models.Delivery)},
        problems=("unknown-delivery",),
    ),
    "actions.take_actions": Call(
        tag=_ACTIONS,
        body=action_models.ActionsBody,
        answers={
            200: Answer(
                told="What became of many actions.",
                model=action_models.ActionsAnswer,
                headers=("Retry-After",),
            ),
            202: Answer(told="The action was recorded.", model=action_models.ActionAccepted),
        },
        problems=(
            "invalid-action",
            "no-actions",
            "too-many-actions",
            "actions-full",
            "actions-unavailable",
        ),
    ),
    "computations.list_computations": Call(
        tag=_CATALOGUE,
        query=Page,
        cached=True,
        answers={
            200: Answer(
                told="A page of it.", model=app_models.Catalogue, headers=(*_CHECKED, "Link")
            )
        },
    ),
    "openapi.show_document": Call(
        tag=_CATALOGUE,
        cached=True,
        answers={200: Answer(told="This document.", model=app_models.OpenApi, headers=_CHECKED)},
    ),
    "health.show_liveness": Call(
        tag=_HEALTH,
        answers={200: Answer(told="Alive.", model=app_models.Liveness)},
    ),
    "health.show_readiness": Call(
        tag=_HEALTH,
        answers={
            200: Answer(told="The store answers.", model=app_models.Readiness),
            503: Answer(
                told="The store does not answer.",
                model=app_models.Readiness,
                headers=("Retry-After",),
            ),
        },
    ),
    "metrics_page.show_metrics": Call(
        tag=_HEALTH,
        answers={200: Answer(told="All metrics, in the Prometheus text format.", media_type=_TEXT)},
    ),
    "article.set_number": Call(
        tag=_ARTICLE,
        answers={200: Answer(told="It has been asked for, or is current.", media_type=_TEXT)},
        problems=("unknown-computation", "queue-full"),
    ),
    "article.show_current": Call(
        tag=_ARTICLE,
        answers={200: Answer(told="The current number, in a sentence.", media_type=_TEXT)},
        problems=("unknown-computation",),
    ),
}
"""What each route of the API takes and answers; the other routes are pages."""
