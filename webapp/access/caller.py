"""Who calls: what the guard has found out, for routes, pages and logs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from batchwell.access_tokens import Scope


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
    caller: Caller = g.get("caller", NOBODY)
    return caller


def set_caller(caller: Caller) -> None:
    """Remember the caller of the current request."""
    g.caller = caller
