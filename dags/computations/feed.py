"""Everybody's feed of pictures."""

from datetime import timedelta
from functools import lru_cache
from random import Random
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from batchwell import Artifact, Failure, computation
from computations.feed_model import CATALOGUE, NUMBERS, FeedModel, feed_model, who_likes_what
from computations.pictures import PICTURES

LENGTH = 200


class Visitor(BaseModel):
    """Whose feed it is."""

    user: Annotated[str, Field(pattern=r"^\S{0,128}$", description="Empty: somebody unknown.")]


class Feed(BaseModel):
    """What to show, the best first."""

    kind: Literal["personal", "popular", "random"]
    model: Annotated[int, Field(description="The version of the model; 0: there is none yet.")]
    pictures: list[str]


@computation(
    batch=True,
    max_batch=10_000,
    depends_on=[feed_model],
    stand_in={"user": ""},
    fresh_for=timedelta(hours=12),
    hot_for=timedelta(hours=1),
)
def feed(items: list[Visitor], feed_model: FeedModel | None) -> list[Feed | Failure]:
    """Choose the pictures of many visitors at once.

    Three of four are those that go best with what a visitor likes, by the model; the fourth is one
    that all like. Who is not known to the model is shown what all like.
    """
    import numpy as np

    if feed_model is None or feed_model.catalogue != CATALOGUE:
        shuffled = Random(0).sample(PICTURES, len(PICTURES))
        return [Feed(kind="random", model=0, pictures=shuffled[:LENGTH]) for _ in items]
    users, likes, weights = _load(feed_model.file)
    known = [item.user for item in items if item.user in users]
    liked = likes[[users[user] for user in known]]
    ranks = np.argsort(np.argsort(-(liked @ weights), axis=1), axis=1)
    common = np.argsort([NUMBERS[picture] for picture in feed_model.popular])
    places = np.where(liked.toarray(), np.inf, np.minimum(ranks * 4 / 3, common * 4 + 3))
    best = np.array(PICTURES)[np.argsort(places, axis=1)[:, :LENGTH]].tolist()
    version, chosen = feed_model.version, dict(zip(known, best, strict=True))
    popular = Feed(kind="popular", model=version, pictures=feed_model.popular[:LENGTH])
    return [
        Feed(kind="personal", model=version, pictures=chosen[item.user])
        if item.user in chosen
        else popular
        for item in items
    ]


@lru_cache(maxsize=1)
def _load(file: Artifact) -> tuple[dict[str, int], Any, Any]:
    """Return each user's row, who likes what, and the weights; once for each model."""
    import numpy as np

    kept = file.load(lambda opened: dict(np.load(opened)))
    users = {user: row for row, user in enumerate(kept["users"].item().decode().split())}
    return users, who_likes_what(kept["pairs"], len(users)), kept["weights"]
