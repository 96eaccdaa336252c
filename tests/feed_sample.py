"""A feed whose model does as a test says: the computations of a small catalogue, as a module."""

from __future__ import annotations

import json
from pathlib import Path

COMPUTATIONS = '''
import json
import os
from pathlib import Path

from pydantic import BaseModel

from batchwell import ActionLog, computation

CATEGORIES = ("whale", "meme", "cat", "mountain", "teapot")
actions = ActionLog(items=frozenset(f"{name}-{n}" for name in CATEGORIES for n in range(1, 61)))


class Model(BaseModel):
    version: int
    favourite: str
    recall_at_10: float = 0.31
    popular_recall_at_10: float = 0.12


class Feed(BaseModel):
    pictures: list[str]
    kind: str
    model: int


@computation(depends_on=[actions])
def feed_model() -> Model:
    """Learn what a file says."""
    return Model(**json.loads(Path(os.environ["SAMPLE_MODEL"]).read_text()))


@computation(depends_on=[feed_model], stand_in={"user": ""})
def feed(user: str, feed_model: Model | None) -> Feed:
    """Choose pictures of every kind; for a user, more of the model's favourite."""
    model = feed_model or Model(version=0, favourite="meme")
    pictures = []
    for number in range(1, 26):
        pictures += [f"{name}-{number}" for name in CATEGORIES if name != model.favourite]
        most = 4 if user else 1
        pictures += [f"{model.favourite}-{number * most % 60 + extra + 1}" for extra in range(most)]
    pictures = list(dict.fromkeys(each for each in pictures if int(each.split("-")[1]) <= 60))
    kind = "personal" if user else "popular"
    return Feed(pictures=pictures[:200], kind=kind, model=model.version)
'''


def train(file: Path, *, version: int, favourite: str) -> None:
    """Say what the model will be once it is trained."""
    file.write_text(json.dumps({"version": version, "favourite": favourite}))
