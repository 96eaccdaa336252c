"""The policy refuses what cannot work, and its message names the argument."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from batchwell import computation
from batchwell.errors import DefinitionError
from batchwell.policy import Policy

SECOND = timedelta(seconds=1)
NO_TIME = timedelta(0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[
            (name, value)
            for name in ("max_attempts", "max_batch", "max_pending", "workers")
            for value in (0, -1, 1.5, True, "3", None)
        ],
        *[("version", value) for value in ("", "v" * 65, 2, None)],
        *[("fresh_for", value) for value in (3600, -SECOND, "1h")],
        *[("keep_for", value) for value in (None, NO_TIME, -SECOND, 60)],
        *[("timeout", value) for value in (NO_TIME, -SECOND, 5)],
        *[
            (name, value)
            for name in ("retry_backoff", "max_wait", "linger")
            for value in (None, -SECOND, 1)
        ],
    ],
)
def test_bad_argument_is_refused_by_name(name: str, value: object) -> None:
    arguments: dict[str, Any] = {name: value}
    with pytest.raises(DefinitionError, match=rf"^{name} must be .*{re.escape(repr(value))}"):
        Policy(**arguments)


def test_keep_for_may_not_be_shorter_than_fresh_for() -> None:
    with pytest.raises(DefinitionError, match="keep_for must not be shorter than fresh_for"):
        Policy(fresh_for=timedelta(days=2), keep_for=timedelta(days=1))


@pytest.mark.parametrize(
    "arguments",
    [
        {"fresh_for": None},
        {"fresh_for": NO_TIME},
        {"timeout": SECOND},
        {"retry_backoff": NO_TIME, "max_wait": NO_TIME, "linger": NO_TIME},
        {"max_attempts": 1, "max_batch": 1, "max_pending": 1, "workers": 1},
        {"version": "v" * 64},
    ],
)
def test_extreme_but_sensible_argument_is_taken(arguments: dict[str, Any]) -> None:
    policy = Policy(**arguments)
    assert {name: getattr(policy, name) for name in arguments} == arguments


def test_decorator_names_the_computation_in_the_error() -> None:
    with pytest.raises(DefinitionError, match=r"^busy: workers must be"):

        @computation(workers=0)
        def busy() -> int:
            return 1


def test_keep_for_follows_a_longer_fresh_for() -> None:
    @computation(fresh_for=timedelta(days=90))
    def slow() -> int:
        return 1

    assert slow.policy.keep_for == timedelta(days=90)


def test_keep_for_is_thirty_days_where_a_value_stays_fresh_until_invalidated() -> None:
    @computation(fresh_for=None)
    def eternal() -> int:
        return 1

    assert eternal.policy.keep_for == timedelta(days=30)
