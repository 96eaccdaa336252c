"""What a call is made of: what it takes, its answers, its problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from batchwell.access_tokens import Scope
from webapp.problem_kinds import KINDS


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One status of a call; None as its ``media_type``: it is empty.

    ``links``: the calls that take the ``id`` of the answer.
    """

    told: str
    model: type[BaseModel] | None = None
    media_type: str | None = "application/json"
    headers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Call:
    """What a call takes and answers.

    ``tag`` says what it is about, None: its computation. ``query`` is "parameters" where it takes
    those of its computation. ``cached``: its answer may be an empty 304. ``problems`` are kinds, by
    the last part of their type; a call of the API has some without saying so.
    """

    answers: Mapping[int, Answer]
    tag: str | None = None
    query: type[BaseModel] | Literal["parameters"] | None = None
    body: type[BaseModel] | None = None
    headers: tuple[str, ...] = ()
    cached: bool = False
    problems: tuple[str, ...] = ()

    def all_problems(self, scope: Scope | None) -> dict[int, list[str]]:
        """Return the kinds of problem by status, of a call that needs the scope."""
        slugs = [*self.problems, "headers-too-large", "internal-error"]
        if scope:
            slugs += ["invalid-parameters", "store-unavailable"]
            slugs += ["not-authenticated", "insufficient-scope", "not-local", "cross-site"]
            slugs += ["rate-limited", "store-refuses"]
        if self.query:
            slugs.append("address-too-long")
        if self.headers or self.cached:
            slugs.append("bad-request")
        if self.body:
            slugs += ["broken-json", "too-large", "unsupported-media-type", "invalid-body"]
        found: dict[int, list[str]] = {}
        for slug in slugs:
            found.setdefault(KINDS[slug].status, []).append(slug)
        return dict(sorted(found.items()))
