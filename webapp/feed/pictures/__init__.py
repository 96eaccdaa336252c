"""Pictures drawn by our own code: each item of a catalogue has one, always the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from webapp.feed.pictures.abstract import draw_abstract
from webapp.feed.pictures.bird import draw_bird
from webapp.feed.pictures.cake import draw_cake
from webapp.feed.pictures.canvas import Canvas
from webapp.feed.pictures.cat import draw_cat
from webapp.feed.pictures.dice import Dice
from webapp.feed.pictures.dog import draw_dog
from webapp.feed.pictures.meme import draw_meme
from webapp.feed.pictures.mountain import draw_mountain
from webapp.feed.pictures.robot import draw_robot
from webapp.feed.pictures.rocket import draw_rocket
from webapp.feed.pictures.sea import draw_sea
from webapp.feed.pictures.tree import draw_tree
from webapp.feed.pictures.whale import draw_whale

DRAWINGS: Mapping[str, Callable[[Canvas, Dice], None]] = {
    "whale": draw_whale,
    "meme": draw_meme,
    "cat": draw_cat,
    "dog": draw_dog,
    "mountain": draw_mountain,
    "sea": draw_sea,
    "tree": draw_tree,
    "bird": draw_bird,
    "robot": draw_robot,
    "rocket": draw_rocket,
    "cake": draw_cake,
    "abstract": draw_abstract,
}
"""How the items of a category are drawn; those of any other are abstract."""


def category_of(item: str) -> str:
    """Return ``whale`` of ``whale-17``; an item that is spelled otherwise is a category itself."""
    return re.sub(r"-\d+$", "", item)


@lru_cache(maxsize=1024)
def draw(item: str) -> bytes:
    """Return the picture of an item, as SVG."""
    canvas = Canvas()
    DRAWINGS.get(category_of(item), draw_abstract)(canvas, Dice(item))
    return canvas.svg().encode()
