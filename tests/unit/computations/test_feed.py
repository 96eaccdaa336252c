"""The feed's model learns what goes together; a feed is made of it, of many visitors at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

import pytest

from batchwell import Action, Failure
from batchwell.actions_database import open_actions_database
from computations.feed import LENGTH, Feed, Visitor, feed
from computations.feed_model import FeedModel, feed_model, is_held_out
from computations.pictures import CATEGORIES, PICTURES, actions

Keep = Callable[[str, Iterable[str]], None]


@pytest.fixture
def like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keep:
    """Keeps what a user likes in the database."""
    url = f"sqlite:///{tmp_path / 'actions.db'}"
    monkeypatch.setenv("BATCHWELL_ACTIONS_URL", url)
    monkeypatch.setenv("BATCHWELL_ARTIFACTS_URL", str(tmp_path / "artifacts"))

    def like(user: str, pictures: Iterable[str]) -> None:
        with open_actions_database(url) as database:
            database.add([Action(user, one, "like", one, 0) for one in pictures])

    return like


def of(category: str) -> list[str]:
    return [picture for picture in PICTURES if picture.startswith(f"{category}-")]


@pytest.fixture
def world(like: Keep) -> Keep:
    """Three hundred people, each with one favourite category."""
    chance = Random(7)
    for number in range(300):
        favourite = CATEGORIES[number % len(CATEGORIES)]
        like(f"user-{number}", [*chance.sample(of(favourite), 12), *chance.sample(PICTURES, 2)])
    return like


def train(previous: FeedModel | None = None) -> FeedModel:
    model = feed_model(previous)
    assert isinstance(model, FeedModel)
    return model


def feeds(model: FeedModel | None, *users: str) -> list[Feed]:
    found = feed([Visitor(user=user) for user in users], feed_model=model)
    assert all(isinstance(one, Feed) for one in found)
    return found  # type: ignore[return-value]  # just seen


def shares(pictures: Iterable[str]) -> Counter[str]:
    return Counter(picture.rpartition("-")[0] for picture in pictures)


def test_there_are_twelve_categories_of_fifty() -> None:
    assert len(set(PICTURES)) == 600 == len(actions.items)


def test_the_model_is_far_better_than_what_is_popular(world: Keep) -> None:
    model = train()
    assert (model.users, model.version) == (300, 1)
    assert model.recall_at_10 > 3 * model.popular_recall_at_10
    assert 0.3 < model.coverage <= 1
    assert sorted(model.popular) == sorted(PICTURES)


def test_a_feed_has_mostly_what_goes_with_three_likes_and_something_else_too(world: Keep) -> None:
    world("new", ["whale-1", "whale-2", "whale-3"])
    (mine,) = feeds(train(), "new")
    assert (mine.kind, mine.model, len(mine.pictures), len(set(mine.pictures))) == (
        "personal",
        1,
        LENGTH,
        LENGTH,
    )
    assert 12 <= shares(mine.pictures[:20])["whale"] <= 18
    assert not {"whale-1", "whale-2", "whale-3"} & set(mine.pictures)


def test_who_is_unknown_is_shown_what_all_like(world: Keep) -> None:
    model = train()
    first, nobody, known = feeds(model, "stranger", "", "user-1")
    assert first == nobody == Feed(kind="popular", model=1, pictures=model.popular[:LENGTH])
    assert known.kind == "personal"


def test_a_batch_gives_each_the_feed_that_he_gets_alone(world: Keep) -> None:
    model, users = train(), ["user-5", "stranger", "user-0", "user-5"]
    assert feeds(model, *users) == [feeds(model, user)[0] for user in users]


def test_without_a_model_all_see_the_same_at_random() -> None:
    first, second = feeds(None, "ann", "bob")
    assert first == second
    assert (first.kind, first.model, len(set(first.pictures))) == ("random", 0, LENGTH)


def test_before_anybody_has_liked_anything_there_is_a_model_all_the_same(like: Keep) -> None:
    like("ann", [])
    model = train()
    assert (model.users, model.likes, model.recall_at_10, model.coverage) == (0, 0, 0.0, 0.0)
    assert feeds(model, "ann")[0].kind == "popular"
    like("ann", ["whale-1"])
    assert feeds(train(model), "ann")[0].kind == "personal"


def test_a_next_model_replaces_the_last_and_its_file(world: Keep, tmp_path: Path) -> None:
    first = train()
    world("new", ["cat-1"])
    second = train(first)
    assert second.version == 2
    feeds(second, "new")
    files = [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()]
    assert [path.name for path in files] == [second.file.path.rpartition("/")[2]]


def test_a_worse_model_is_refused(
    world: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = train()
    url = f"sqlite:///{tmp_path / 'most_was_lost.db'}"
    monkeypatch.setenv("BATCHWELL_ACTIONS_URL", url)
    with open_actions_database(url) as database:
        for number in range(300):
            user, mine = f"user-{number}", of(CATEGORIES[number % len(CATEGORIES)])
            held = [one for one in mine if is_held_out(user, one)]
            left = [one for one in mine if one not in held][:2]
            database.add([Action(user, one, "like", one, 0) for one in [*left, *held]])
    refused = feed_model(good)
    assert isinstance(refused, Failure)
    assert (refused.type, "it was" in refused.message) == ("WorseModel", True)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param([*PICTURES, "dodo-1"], id="added"),
        pytest.param(PICTURES[:100], id="removed"),
        pytest.param(PICTURES[::-1], id="reordered"),
    ],
)
def test_a_model_of_other_pictures_is_none_and_is_replaced(
    world: Keep, monkeypatch: pytest.MonkeyPatch, changed: list[str]
) -> None:
    old = train()
    for module in ("feed", "feed_model"):
        monkeypatch.setattr(f"computations.{module}.PICTURES", changed)
        monkeypatch.setattr(f"computations.{module}.CATALOGUE", 7)
        numbers = {picture: number for number, picture in enumerate(changed)}
        monkeypatch.setattr(f"computations.{module}.NUMBERS", numbers)
    (shown,) = feeds(old, "user-0")
    assert (shown.kind, shown.model, len(shown.pictures)) == (
        "random",
        0,
        min(LENGTH, len(changed)),
    )
    assert set(shown.pictures) <= set(changed)
    new = train(old)
    assert (new.version, sorted(new.popular)) == (2, sorted(changed))
    (mine,) = feeds(new, "user-0")
    assert mine.kind == "personal"
    assert shares(mine.pictures[:8])[CATEGORIES[0]] >= 4


def test_a_long_name_takes_its_room_once(like: Keep) -> None:
    for number in range(100):
        like(f"user-{number}", ["whale-1"])
    before = train().file.size_bytes
    like("u" * 128, ["whale-1"])
    assert train().file.size_bytes < before + 1000


def test_a_model_whose_file_was_lost_is_replaced_by_any(world: Keep, tmp_path: Path) -> None:
    lost = train()
    (tmp_path / "artifacts" / lost.file.path).unlink()
    assert train(lost).version == 2


def test_views_teach_nothing(like: Keep, tmp_path: Path) -> None:
    with open_actions_database(f"sqlite:///{tmp_path / 'actions.db'}") as database:
        database.add([Action("ann", "whale-1", "view", "1", 0)])
    assert train().likes == 0


def test_what_is_no_longer_in_the_catalogue_is_passed_over(like: Keep) -> None:
    like("ann", ["dodo-1", "whale-1"])
    assert train().likes == 1
