"""The simulated world: seeded, with tastes that people act by, and a best that can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from batchwell import Action
from batchwell.actions_database import open_actions_database
from computations.feed_model import FeedModel, feed_model, is_held_out
from computations.pictures import PICTURES
from simulation.world import Numbers, World, category_of, recall_at_10


def test_the_same_seed_makes_the_same_world() -> None:
    first, second = (World.of(PICTURES, 20, seed=3) for _ in range(2))
    assert np.array_equal(first.chances, second.chances)
    assert all(map(np.array_equal, first.likes(10, 5), second.likes(10, 5)))
    assert not np.array_equal(first.chances, World.of(PICTURES, 20, seed=4).chances)


def test_people_like_mostly_what_is_of_their_taste_and_nothing_twice() -> None:
    world = World.of(PICTURES, 100, seed=1)
    assert world.chances.sum(axis=1) == pytest.approx(np.ones(100))
    rows, columns = world.likes(20, 2)
    assert len(set(zip(rows.tolist(), columns.tolist(), strict=True))) == len(rows)
    favourite = [
        category_of(PICTURES[column]) == world.favourites[row]
        for row, column in zip(rows, columns, strict=True)
    ]
    assert np.mean(favourite) > 0.5
    assert 0 < world.fondness(0).min() < world.fondness(0).max() <= 0.9


def test_recall_counts_what_was_wanted_of_the_first_ten() -> None:
    scores = np.arange(30.0).reshape(1, 30)
    liked, wanted = np.zeros((1, 30)), np.zeros((1, 30))
    liked[0, 25:] = 1
    wanted[0, [24, 15, 14, 0]] = 1
    assert recall_at_10(scores, liked, wanted) == 0.5


def keep(path: Path, likes: Iterable[tuple[int, int]]) -> None:
    with open_actions_database(f"sqlite:///{path}") as database:
        database.add([Action(f"u{row}", PICTURES[col], "like", f"{col}", 0) for row, col in likes])


def model_holds_out(rows: Numbers, columns: Numbers) -> NDArray[np.bool_]:
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return np.array([is_held_out(f"u{row}", PICTURES[column]) for row, column in pairs])


def test_the_model_comes_near_the_best_that_the_tastes_allow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The figure of scripts/bench at a moderate size: 2,000 people, 40,000 likes."""
    monkeypatch.setenv("BATCHWELL_ACTIONS_URL", f"sqlite:///{tmp_path / 'actions.db'}")
    monkeypatch.setenv("BATCHWELL_ARTIFACTS_URL", str(tmp_path / "artifacts"))
    world = World.of(PICTURES, 2000, seed=1)
    rows, columns = world.likes(20, seed=2)
    keep(tmp_path / "actions.db", zip(rows.tolist(), columns.tolist(), strict=True))
    model = feed_model(None)
    assert isinstance(model, FeedModel)
    is_held = model_holds_out(rows, columns)
    liked, wanted = (np.zeros(world.chances.shape, bool) for _ in range(2))
    liked[rows[~is_held], columns[~is_held]] = True
    wanted[rows[is_held], columns[is_held]] = True
    best = recall_at_10(world.chances, liked, wanted)
    assert model.recall_at_10 >= 2 * model.popular_recall_at_10
    assert model.recall_at_10 >= 0.9 * best, (model.recall_at_10, best)
