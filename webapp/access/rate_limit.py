"""How much one caller may ask: BATCHWELL_RATE_LIMIT, counted for all web processes in the store.

The answers tell what is left in the fields of draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request

from batchwell import keys
from batchwell.errors import StoreUnavailable
from batchwell.store import Store
from webapp.access.caller import NOBODY, get_caller
from webapp.problems import Refused, answer

if TYPE_CHECKING:
    from flask_limiter import Limiter


def init_app(app: Flask, rate: str, store: Store) -> None:
    """Limit what each caller asks, after the guard knows who he is; without a rate, do nothing.

    A limit that cannot be counted is not lifted: what it protects is away with the store that
    counts it, so that the caller is told just that.
    """
    if not rate:
        return
    # Here, so that an app without a limit does not pay for what counts it.
    from flask_limiter import Limiter, RateLimitExceeded
    from limits.errors import StorageError

    from webapp.access.call_counts import SCHEME

    options: Any = {
        "client": store.client,
        "key_prefix": keys.limits(store.namespace),
        "wrap_exceptions": True,
    }
    limiter = Limiter(
        _key,
        app=app,
        application_limits=[rate],
        strategy="sliding-window-counter",
        storage_uri=f"{SCHEME}://",
        storage_options=options,
    )
    limiter.request_filter(lambda: get_caller() is NOBODY)

    @app.errorhandler(RateLimitExceeded)
    def refuse(error: RateLimitExceeded) -> Response:
        seconds = str(_seconds_left(limiter))
        told = f"{_whom()} may call {rate.replace('/', ' times a ')}."
        return answer(Refused("rate-limited", told, headers={"Retry-After": seconds}))

    @app.errorhandler(StorageError)
    def give_up(error: StorageError) -> Response:
        return answer(StoreUnavailable(f"the store does not count calls: {error}"))

    @app.after_request
    def tell(response: Response) -> Response:
        if (current := limiter.current_limit) is not None and response.status_code != 503:
            limit = current.limit
            response.headers["RateLimit-Policy"] = (
                f'"default";q={limit.amount};w={limit.get_expiry()}'
            )
            left = 0 if current.breached else current.remaining
            response.headers["RateLimit"] = f'"default";r={left};t={_seconds_left(limiter)}'
        return response


def _key() -> str:
    """Return whose calls are counted together: those of one token, or of one address."""
    name = get_caller().name
    return f"token:{name}" if name else f"peer:{request.remote_addr}"


def _whom() -> str:
    name = get_caller().name
    return f"The token {name}" if name else "One address"


def _seconds_left(limiter: Limiter) -> int:
    current = limiter.current_limit
    return 1 if current is None else max(1, int(current.reset_at - time.time()))
