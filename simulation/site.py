"""The web app as a visitor's browser uses it: feeds read, requests made, actions posted in bulk."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from batchwell.identifiers import new_token

MOST_ACTIONS = 10_000
_PATIENCE_SECONDS = 120.0

log = logging.getLogger(__name__)


@dataclass
class Acted:
    """What became of actions; those over a user's limit may be told again after some seconds."""

    counts: Counter[str] = field(default_factory=Counter)
    limited: list[Mapping[str, Any]] = field(default_factory=list)
    again_seconds: float = 0.0


class Site:
    """One web app; waits while it is away or has no room. Not for several threads at once."""

    def __init__(self, url: str, token: str) -> None:
        """Connect to nothing yet."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=30.0, trust_env=False)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def items(self) -> list[str]:
        """Return the ids of all items."""
        found: list[str] = self._patiently(lambda: self._http.get("/feed/items")).json()["items"]
        return found

    def feed(self, user: str) -> Mapping[str, Any] | None:
        """Return what a user is shown now: the value of the result; None while none is known.

        Asks for the user's own where that was never computed.
        """
        answer = self._patiently(lambda: self._http.get(_FEED + "/result", params={"user": user}))
        document = answer.json() if answer.status_code == 200 else None
        if document is None or document.get("stand_in"):
            body = {"params": {"user": user}}
            self._patiently(lambda: self._http.post(_FEED + "/requests", json=body))
        return document["value"] if document else None

    def act(self, actions: Sequence[Mapping[str, Any]]) -> Acted:
        """Post actions; those without an id are given one, so that a lost answer doubles none."""
        acted, token = Acted(), new_token()
        told = [{"id": f"{token}-{n}", **action} for n, action in enumerate(actions)]
        for first in range(0, len(told), MOST_ACTIONS):
            items = told[first : first + MOST_ACTIONS]
            answer = self._patiently(partial(self._http.post, _ACTIONS, json={"items": items}))
            document = answer.raise_for_status().json()
            acted.counts.update(document["counts"])
            over = [one["index"] for one in document["refused"] if one["outcome"] == "limited"]
            acted.limited += [items[index] for index in over]
            acted.again_seconds = float(answer.headers.get("Retry-After", 0))
        return acted

    def _patiently(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        """Call, and again while the app is away, full, or wants fewer calls."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            pause_seconds = 1.0
            try:
                answer = call()
                if answer.status_code in (401, 403):
                    raise PermissionError("the web app wants another token: set BATCHWELL_TOKEN")
                if answer.status_code not in (429, 503):
                    return answer
                pause_seconds = float(answer.headers.get("Retry-After", 1))
                told = f"{answer.status_code}"
            except httpx.TransportError as error:
                told = f"{error}"
            if time.monotonic() + pause_seconds > deadline:
                raise TimeoutError(f"the web app does not serve: {told}")
            log.warning("waiting for the web app: %s", told)
            time.sleep(pause_seconds)


_FEED = "/api/v1/computations/feed"
_ACTIONS = "/api/v1/actions"
