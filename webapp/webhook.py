"""The webhook of a submit, and what the API tells of deliveries."""

from __future__ import annotations

from urllib.parse import urlsplit

from batchwell.deliveries import Delivery
from batchwell.errors import BadWebhook
from batchwell.moments import iso_time
from batchwell.settings import Settings
from batchwell.webhook_address import check_url


def check_webhook(url: str | None, settings: Settings) -> None:
    """Raise `BadWebhook` where a message of the request's end could not be sent."""
    if url is None:
        return
    if not settings.webhook_keys:
        raise BadWebhook("cannot be told: this server has no BATCHWELL_WEBHOOK_SECRET to sign with")
    check_url(url, allow_private=settings.webhook_allow_private)


def delivery_document(delivery: Delivery, *, whole_url: bool) -> dict[str, object]:
    """Make the Delivery of the contract.

    Without ``whole_url`` only its scheme and host are told: the rest may be a secret of whoever
    submitted.
    """
    parts = urlsplit(delivery.url)
    return {
        "id": delivery.id,
        "request": delivery.request,
        "type": f"request.{delivery.event}",
        "url": delivery.url if whole_url else f"{parts.scheme}://{parts.netloc}",
        "status": delivery.status,
        "attempts": delivery.attempts,
        "owed_at": iso_time(delivery.owed_at),
        "attempted_at": iso_time(delivery.attempted_at),
        "due_at": iso_time(delivery.due_at),
        "answer": delivery.answer,
        "error": delivery.error or None,
    }
