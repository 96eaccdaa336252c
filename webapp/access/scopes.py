"""What a route needs: said at the route, else by its method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from batchwell.access_tokens import Scope

View = TypeVar("View", bound=Callable[..., Any])

_READS = ("GET", "HEAD")


def needs(scope: Scope | None) -> Callable[[View], View]:
    """Declare the scope that a route needs, whatever its method; None: anyone may call it."""

    def declare(view: View) -> View:
        view.needs = scope  # type: ignore[attr-defined]  # functions have no such field
        return view

    return declare


def scope_needed(view: Callable[..., Any], method: str) -> Scope | None:
    """Return what it takes to call a route: reading needs read, all else submit, if not declared.

    So a route that nobody thought of is closed.
    """
    if method == "OPTIONS":
        return None
    default = Scope.READ if method in _READS else Scope.SUBMIT
    scope: Scope | None = getattr(view, "needs", default)
    return scope
