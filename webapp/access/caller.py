"""Who calls: what the guard has found out, for routes, pages and logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request

from batchwell.access_tokens import Scope

_KEY = "batchwell.caller"


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls, and what he may do; ``name`` is that of his token, empty in an open app."""

    name: str
    scopes: frozenset[Scope]
    has_session: bool = False


ANYONE = Caller(name="", scopes=frozenset(Scope))
"""Whoever uses this machine, in an app that only this machine reaches."""

NOBODY = Caller(name="", scopes=frozenset())
"""Who has not been asked yet."""


def get_caller() -> Caller:
    """Return the caller of the current request; `NOBODY` where the route asks no one."""
    caller: Caller = request.environ.get(_KEY, NOBODY)
    return caller


def set_caller(environ: dict[str, Any], caller: Caller) -> None:
    """Remember the caller of a request."""
    environ[_KEY] = caller
