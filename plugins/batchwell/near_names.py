"""Suggest names for one that is unknown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 100


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return ``did you mean fibonacci?``, nothing if no name is like this one."""
    if len(name) > _LONGEST:
        return ""
    near = difflib.get_close_matches(name, sorted(names), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else ""
