"""Sign messages as Standard Webhooks 1.0 has it: HMAC-SHA256 over id, timestamp and payload."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def signed_headers(
    keys: Iterable[bytes], message_id: str, unix_seconds: int, payload: bytes
) -> dict[str, str]:
    """Return the three headers; the message is signed with each key, so that keys can be changed.

    ``message_id`` must hold no full stop, which separates what is signed.
    """
    content = f"{message_id}.{unix_seconds}.".encode() + payload
    signatures = (hmac.new(key, content, hashlib.sha256).digest() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(unix_seconds),
        "webhook-signature": " ".join(
            f"v1,{base64.b64encode(signature).decode()}" for signature in signatures
        ),
    }
