"""The verbs of those who follow requests: hear which have changed, and look where they stand."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from batchwell import keys
from batchwell.records import Standing
from batchwell.scripts import store_errors
from batchwell.store.door import RETAIN_MS, Door


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What was told of: computation → tokens of the requests that changed, () for its workers.

    ``ended``: those of them that did; ``is_new``: the subscription is; whatever was told before it
    is lost.
    """

    tokens: dict[str, set[str]] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    is_new: bool = False


class Following(Door):
    """What those who wait for a request ask of the store."""

    def look(self, computation: str, tokens: Collection[str]) -> dict[str, Standing]:
        """Return where the requests of these tokens stand."""
        reply = self._run("look", computation, json.dumps(list(tokens)), RETAIN_MS)
        return {token: Standing.decode(item) for token, item in zip(tokens, reply, strict=True)}

    def changes(self) -> Changes:
        """Subscribe to what is told of changed requests; leave it as a context to unsubscribe."""
        return Changes(self.client, keys.changes_channel(self.namespace))


class Changes:
    """A subscription, on a connection of its own; for one thread.

    A message is a hint: some are lost while a connection is made again.
    """

    def __init__(self, client: Any, channel: str) -> None:
        """Subscribe; raises `StoreUnavailable`."""
        with store_errors():
            self._pubsub = client.pubsub()
            self._pubsub.subscribe(channel)

    def __enter__(self) -> Changes:
        """Return it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._pubsub.close()

    def hear(self, seconds: float) -> Heard:
        """Return all that was told, waiting ``seconds`` at most for the first."""
        tokens: dict[str, set[str]] = {}
        ended: set[str] = set()
        is_new = False
        with store_errors():
            message = self._pubsub.get_message(timeout=seconds)
            while message is not None:
                if message["type"] == "subscribe":
                    is_new = True
                elif message["type"] == "message":
                    computation, *changed = message["data"].decode().split(" ")
                    tokens.setdefault(computation, set()).update(
                        token.removeprefix(".") for token in changed
                    )
                    ended.update(token[1:] for token in changed if token.startswith("."))
                message = self._pubsub.get_message(timeout=0)
        return Heard(tokens=tokens, ended=ended, is_new=is_new)
