"""The log of actions as an author declares it: what cannot be used is named."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from batchwell import Action, ActionLog
from batchwell.actions_database import open_actions_database
from batchwell.errors import ActionsUnavailable, DefinitionError

DAY = timedelta(days=1)


def test_items_and_kinds_may_come_as_any_collection() -> None:
    kinds: Any = ["like", "view_2"]
    items: Any = (f"whale-{n}" for n in range(2))
    log = ActionLog(items=items, kinds=kinds)
    assert log.items == {"whale-0", "whale-1"}
    assert log.kinds == ("like", "view_2")
    assert repr(log) == "<ActionLog of 2 items>"
    assert log.name == "actions"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[
            (name, value)
            for name in ("announce_every", "max_waiting", "user_limit")
            for value in (0, -1, 1.5, True, "3", None)
        ],
        *[
            (name, value)
            for name in ("max_wait", "oldest")
            for value in (timedelta(0), -DAY, 60, None)
        ],
        *[("kinds", value) for value in ((), ("Like",), ("like it",), ("",), (7,), ("k" * 33,))],
        *[("items", value) for value in ((), ("",), ("w" * 129,), (7,))],
        *[("items", (text,)) for text in ("a\0", " ", " a", "\ud800", ["a"])],
    ],
)
def test_bad_argument_is_refused_by_name(name: str, value: object) -> None:
    arguments: dict[str, Any] = {"items": ["whale-1"], name: value}
    with pytest.raises(DefinitionError, match=rf"^ActionLog: {name} must be "):
        ActionLog(**arguments)


@pytest.mark.parametrize("name", ["items", "kinds"])
@pytest.mark.parametrize("value", ["whale", 7, None])
def test_items_and_kinds_are_several(name: str, value: object) -> None:
    arguments: dict[str, Any] = {"items": ["whale-1"], name: value}
    with pytest.raises(DefinitionError, match=rf"^ActionLog: {name} must be "):
        ActionLog(**arguments)


def test_extreme_but_sensible_arguments_are_taken() -> None:
    second = timedelta(seconds=1)
    ActionLog(
        items=frozenset({"w" * 128}), kinds=("k" * 32,), announce_every=1, max_wait=second,
        max_waiting=1, user_limit=1, oldest=second,
    )  # fmt: skip


def test_what_was_collected_is_read_from_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'actions.db'}"
    monkeypatch.setenv("BATCHWELL_ACTIONS_URL", url)
    actions = [Action("ann", "whale-1", "like", f"{n}", 1000 + n) for n in range(3)]
    with open_actions_database(url) as database:
        database.add(actions)
    log = ActionLog(items=frozenset({"whale-1"}))
    assert sorted(action for some in log.read() for action in some) == actions
    monkeypatch.setenv("BATCHWELL_ACTIONS_URL", f"sqlite:///{tmp_path}/nowhere/actions.db")
    with pytest.raises(ActionsUnavailable):
        list(log.read())
