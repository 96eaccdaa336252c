"""What the routes of one process share."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app

from batchwell.follower import Follower
from batchwell.registry import Registry
from batchwell.result_memory import ResultMemory
from batchwell.settings import Settings
from batchwell.store import Store
from webapp.access.known_tokens import KnownTokens
from webapp.http.places import Places
from webapp.monitoring.tallies import Tallies

_KEY = "batchwell"


@dataclass(frozen=True, kw_only=True)
class Context:
    """The settings, the computations, the store, its tokens, and what this process counts.

    Who waits for a request takes one of the places, and follows it. Reads of results go through
    the memory.
    """

    settings: Settings
    registry: Registry
    store: Store
    tokens: KnownTokens
    tallies: Tallies
    places: Places
    follower: Follower
    memory: ResultMemory


def set_context(app: Flask, context: Context) -> None:
    """Give the routes of ``app`` what they share."""
    app.extensions[_KEY] = context


def get_context() -> Context:
    """Return what the routes of the current app share."""
    context: Context = current_app.extensions[_KEY]
    return context
