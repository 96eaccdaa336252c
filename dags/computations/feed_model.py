"""A model of which pictures go together, learnt from what people like."""

from datetime import timedelta
from typing import Annotated, Any
from zlib import crc32

from pydantic import BaseModel, Field

from batchwell import Artifact, Failure, computation, progress
from computations.pictures import PICTURES, actions

NUMBERS = {picture: number for number, picture in enumerate(PICTURES)}
CATALOGUE = crc32(" ".join(PICTURES).encode())
RIDGE = 300.0  # the larger, the more likes it takes until two pictures count as alike


class FeedModel(BaseModel):
    """How good the model is, and where it is."""

    version: int
    catalogue: Annotated[int, Field(description="Tells which pictures there were.")]
    users: int
    likes: int
    recall_at_10: Annotated[float, Field(description="Share of held-out likes in the top ten.")]
    popular_recall_at_10: Annotated[float, Field(description="The same by what all like most.")]
    coverage: Annotated[float, Field(description="Share of all pictures in anybody's top ten.")]
    popular: Annotated[list[str], Field(description="All pictures, what all like most first.")]
    file: Annotated[Artifact, Field(description="The weights, and who likes what.")]


@computation(depends_on=[actions], fresh_for=timedelta(hours=12), workers=1)
def feed_model(previous: FeedModel | None = None) -> FeedModel | Failure:
    """Learn from all likes which pictures go together.

    An item-to-item model (EASE: Steck, "Embarrassingly Shallow Autoencoders", 2019). One like in
    twenty is held out, the same ones for ever: by them the model is judged, beside the most
    popular pictures, and refused when the one that it would replace is better.
    """
    import numpy as np

    progress(0.0, "reading what people did")
    done = (one for some in actions.read() for one in some if one.item in NUMBERS)
    liked = {(one.user, one.item) for one in done if one.action == "like"}
    progress(0.4, f"learning from {len(liked)} likes")
    users = {user: row for row, user in enumerate(sorted({user for user, _ in liked}))}
    pairs = np.array([(users[user], NUMBERS[item]) for user, item in liked], int)
    pairs = pairs.reshape(-1, 2)  # also where there are none
    is_held = np.array([is_held_out(user, item) for user, item in liked], bool)
    likes, held = (who_likes_what(pairs[part], len(users)) for part in (~is_held, is_held))
    inverse = np.linalg.inv((likes.T @ likes).toarray() + RIDGE * np.eye(len(PICTURES)))
    weights = (np.eye(len(PICTURES)) - inverse / np.diag(inverse)).astype(np.float32)
    popularity = likes.sum(axis=0)

    progress(0.8, "judging it by the likes that it has not seen")
    judged = np.flatnonzero(held.sum(axis=1))[:20_000]
    seen, wanted = likes[judged].toarray(), held[judged].toarray()

    def judge(scores: Any) -> tuple[Any, Any]:
        top = np.argsort(np.where(seen, np.inf, -scores), axis=1)[:, :10]
        found = np.take_along_axis(wanted, top, axis=1).sum(axis=1)
        return found / wanted.sum(axis=1).clip(1, 10), top

    recalls, top_tens = judge(seen @ weights)
    many = max(1, len(judged))
    if previous and previous.catalogue == CATALOGUE and many >= 100 and previous.file.is_whole():
        before, _ = judge(seen @ previous.file.load(lambda file: np.load(file)["weights"]))
        lost = before - recalls
        if lost.mean() > 0.01 + 2 * lost.std() / many**0.5:  # more than by chance
            told = f"recall at 10 is {recalls.mean():.3f}, it was {before.mean():.3f}"
            return Failure(told, "WorseModel")
    kept = {"weights": weights, "pairs": pairs, "users": " ".join(users).encode()}
    return FeedModel(
        version=previous.version + 1 if previous else 1,
        catalogue=CATALOGUE,
        users=len(users),
        likes=len(liked),
        recall_at_10=float(recalls.sum()) / many,
        popular_recall_at_10=float(judge(np.broadcast_to(popularity, seen.shape))[0].sum()) / many,
        coverage=len(np.unique(top_tens)) / len(PICTURES),
        popular=[PICTURES[number] for number in np.argsort(-popularity, kind="stable")],
        file=Artifact.save(lambda file: np.savez(file, **kept), suffix=".npz"),
    )


def is_held_out(user: str, item: str) -> bool:
    """Tell whether no model learns from this pair, so that all can be judged by it."""
    return crc32(f"{user} {item}".encode()) % 20 == 0


def who_likes_what(pairs: Any, users: int) -> Any:
    """Return the pairs of user and picture as a sparse matrix of ones, a row for each user."""
    import numpy as np
    from scipy.sparse import csr_array

    ones = np.ones(len(pairs), np.float32)
    return csr_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(users, len(PICTURES)))
