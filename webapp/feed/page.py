"""``/feed``: the page, with as much of the feed as can be told without JavaScript."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, request

from batchwell.computation import Computation
from batchwell.errors import InvalidParameters, StoreUnavailable
from batchwell.known_results import Result
from batchwell.store import AnyComputation
from webapp.context import Context, get_context
from webapp.diagnosis import STORE_AWAY
from webapp.feed.gallery import EDITION
from webapp.feed.pictures import category_of
from webapp.http.caching import checked_answer
from webapp.http.page_answer import page_answer

blueprint = Blueprint("feed_page", __name__)

FEED = "feed"
"""The computation that the page shows: of a ``user``, with ``pictures`` in its value."""

_MOST_STILL = 24
"""Pictures that stand on the page itself, for who has no JavaScript."""


@blueprint.get("")
def show_feed() -> Response:
    """Show the page; JavaScript asks the API for the feed itself."""
    context = get_context()
    feed = context.registry[FEED]
    models = [one for one in feed.policy.depends_on if isinstance(one, Computation)]
    warnings: list[str] = []
    pictures: list[str] = []
    try:
        pictures = _pictures(_known(context, feed, request.args.get("user", "")))
    except StoreUnavailable:
        warnings.append(STORE_AWAY)
    return page_answer(
        "feed.html",
        503 if warnings else 200,
        warnings=warnings,
        feed=feed,
        model=models[0] if models else None,
        edition=EDITION,
        pictures=pictures[:_MOST_STILL],
        shares=_shares(pictures),
    )


@blueprint.get("/intake")
def show_intake() -> Response:
    """Tell how many actions wait until they are collected, and so until a model knows of them."""
    return checked_answer({"waiting": get_context().store.intake().waiting})


def _known(context: Context, feed: AnyComputation, user: str) -> Result | None:
    """Return the user's own feed, or else what stands in for it."""
    result = None
    with suppress(InvalidParameters):
        result = context.store.read(feed, feed.parse({"user": user})) if user else None
    if result is None and feed.stand_in is not None:
        result = context.store.read(feed, feed.stand_in)
    return result


def _pictures(result: Result | None) -> list[str]:
    value: Any = json.loads(result.value) if result else None
    found = value.get("pictures") if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _shares(pictures: list[str]) -> list[tuple[str, float]]:
    """Return each category's share of the pictures, the largest first."""
    counted = Counter(category_of(item) for item in pictures)
    return [(category, count / len(pictures)) for category, count in counted.most_common()]
