"""What the scripts reply: flat lists of fields, turned into texts and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Fields = Sequence[bytes | int]


def text(value: bytes | int) -> str:
    """Return a reply as text."""
    return value.decode() if isinstance(value, bytes) else str(value)


def mapping(fields: Fields) -> Mapping[str, str]:
    """Return the fields of a hash by name."""
    texts = [text(field) for field in fields]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def seconds(milliseconds: bytes | int | str | None) -> float | None:
    """Return seconds; None for nothing."""
    return float(milliseconds) / 1000 if milliseconds else None


def number(of: str | None) -> float | None:
    """Return the number; None for nothing."""
    return float(of) if of else None
