"""The pictures of the feed, and what may be done with them."""

from batchwell import ActionLog

CATEGORIES = (
    "whale", "meme", "cat", "dog", "mountain", "sea",
    "tree", "bird", "robot", "rocket", "cake", "abstract",
)  # fmt: skip
PICTURES = [f"{category}-{number}" for category in CATEGORIES for number in range(1, 51)]

actions = ActionLog(items=frozenset(PICTURES), kinds=("view", "like"), announce_every=500)
