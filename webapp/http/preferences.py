"""What a client would prefer (RFC 7240): to be answered at once, or to wait for the outcome."""

from __future__ import annotations

import re
from dataclasses import dataclass

from batchwell.errors import FieldError
from webapp.problems import Refused

MOST_WAIT_SECONDS = 60

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_WORD = rf'(?:{_TOKEN}|"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\t -~])*")'
_PARAMETERS = rf"(?:[ \t]*;(?:[ \t]*{_TOKEN}(?:[ \t]*=[ \t]*{_WORD})?)?)*"
# No two runs of blanks side by side: a header of blanks would be parted in all ways.
_ONE = rf"[ \t]*(?:({_TOKEN})(?:[ \t]*=[ \t]*({_WORD}))?{_PARAMETERS}[ \t]*)?"
_PREFERENCE = re.compile(rf"{_ONE}(?:,|$)")

PREFER = rf"^{_ONE}(?:,{_ONE})*$"
"""What the header may say, as a pattern that JSON schema knows too."""


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What the header ``Prefer`` says; of both, the wait comes first (RFC 7240, 4.1 and 4.3)."""

    wait_seconds: int = 0
    respond_async: bool = False

    def applied(self, *, waited: bool, accepted: bool) -> dict[str, str]:
        """Return ``Preference-Applied``, for an answer that waited or is a 202 (accepted)."""
        applied = ["respond-async"] if self.respond_async and accepted else []
        if waited:
            applied.append(f"wait={self.wait_seconds}")
        return {"Preference-Applied": ", ".join(applied)} if applied else {}


NONE = Preferences()


def read_preferences(prefer: str | None) -> Preferences:
    """Read the header, passing over what is not known here; raise `Refused` if it is malformed.

    A wait beyond 60 seconds is one of 60.
    """
    if prefer is None:
        return NONE
    told = _parse(prefer)
    return Preferences(
        wait_seconds=_wait_seconds(told["wait"]) if "wait" in told else 0,
        respond_async="respond-async" in told,
    )


def _parse(text: str) -> dict[str, str]:
    """Return each preference with its value, "" without; the first of a name counts."""
    told: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PREFERENCE.match(text, at)
        if match is None:
            raise _refused("is not a list of preferences (RFC 7240)")
        name, word = match.groups()
        if name:
            told.setdefault(name.lower(), (word or "").strip('"'))
        at = match.end()
    return told


def _wait_seconds(text: str) -> int:
    if not re.fullmatch("[0-9]+", text):
        raise _refused("wait must be a whole number of seconds")
    return min(int(text[:9]), MOST_WAIT_SECONDS)


def _refused(message: str) -> Refused:
    told = f"Prefer: {message}"
    return Refused("bad-request", told, [FieldError(field="Prefer", message=message)])
