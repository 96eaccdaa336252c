"""``Idempotency-Key``: a submit that is sent again is the same submit."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from flask import Request

from batchwell.errors import FieldError
from batchwell.parameters import Parameters
from batchwell.store import Once
from webapp.access.caller import get_caller
from webapp.http.submit_body import SubmitOptions
from webapp.problems import Refused

_MOST_CHARACTERS = 255
_QUOTABLE = r'(?:[ !#-\[\]-~]|\\["\\])'
_VISIBLE = r"[!#-+\--~]"
_QUOTED = re.compile(rf'"({_QUOTABLE}+)"')
_BARE = re.compile(rf"{_VISIBLE}+")

IDEMPOTENCY_KEY = rf'^(?:"{_QUOTABLE}{{1,{_MOST_CHARACTERS}}}"|{_VISIBLE}{{1,{_MOST_CHARACTERS}}})$'
"""What the header may say, as a pattern that JSON schema knows too."""


def read_once(request: Request, options: SubmitOptions, items: Iterable[Parameters]) -> Once | None:
    """Return the key and what came with it, both hashed; None without a key.

    One caller's keys are not another's. The key is a string in quotes, as the IETF's draft has it,
    or bare as many clients send it. The payload is the same for two bodies that ask for the same,
    however they are spelt. Raises `Refused`.
    """
    told: str | None = request.environ.get("HTTP_IDEMPOTENCY_KEY")
    if told is None:
        return None
    asked = options.model_dump_json(exclude={"params", "items"})
    return Once(
        key=_digest(get_caller().name, _key(told.strip(" \t"))),
        payload=_digest(asked, *(item.digest for item in items)),
    )


def _key(text: str) -> str:
    if quoted := _QUOTED.fullmatch(text):
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    elif not _BARE.fullmatch(text):
        raise _refused("must be a string of visible characters, in quotes or without")
    if len(text) > _MOST_CHARACTERS:
        raise _refused(f"has more than {_MOST_CHARACTERS} characters")
    return text


def _digest(*texts: str) -> str:
    return hashlib.blake2b("\0".join(texts).encode(errors="replace"), digest_size=15).hexdigest()


def _refused(message: str) -> Refused:
    told = f"Idempotency-Key {message}"
    return Refused("bad-request", told, [FieldError(field="Idempotency-Key", message=message)])
