"""What the log says of a batch: a line for all of it, and one more when some of it failed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence

from batchwell.identifiers import request_id
from batchwell.outcomes import Failure
from batchwell.work_records import Claim

MOST_NAMED = 10
"""Requests that a line names of a batch, or of one type of error; the others are counted."""

_MOST_TYPES = 5
_MOST_MESSAGE = 200

log = logging.getLogger("batchwell.drain")


def tell_batch(
    computation: str, claims: Sequence[Claim], tally: Mapping[str, int], seconds: float
) -> None:
    """Log what became of a batch, and which requests it had."""
    log.info(
        "batch of %d in %.3f s: %s: %s",
        len(claims),
        seconds,
        ", ".join(f"{count} {what}" for what, count in tally.items() if count),
        _named(computation, claims),
        extra=_fields(computation, claims),
    )


def tell_errors(computation: str, errors: Sequence[tuple[Claim, Failure]]) -> None:
    """Log the errors of a batch: how many of each type, a message of it, and whose they are."""
    counts = Counter(error.type for _, error in errors).most_common()
    told = []
    for kind, count in counts[:_MOST_TYPES]:
        claims = [claim for claim, error in errors if error.type == kind]
        message = next(error.message for _, error in errors if error.type == kind)
        told.append(f"{count} {kind} ({_one_line(message)}): {_named(computation, claims)}")
    if rest := sum(count for _, count in counts[_MOST_TYPES:]):
        told.append(f"{rest} of other types")
    log.warning(
        "errors: %s",
        "; ".join(told),
        extra=_fields(computation, [claim for claim, _ in errors]),
    )


def _named(computation: str, claims: Sequence[Claim]) -> str:
    """Spell the first requests with their traces: ``fibonacci-x (trace), …, and 490 more``."""
    told = [
        request_id(computation, claim.token) + (f" ({claim.trace})" if claim.trace else "")
        for claim in claims[:MOST_NAMED]
    ]
    if len(claims) > MOST_NAMED:
        told.append(f"and {len(claims) - MOST_NAMED} more")
    return ", ".join(told)


def _fields(computation: str, claims: Sequence[Claim]) -> dict[str, object]:
    """Return the same for a log in JSON."""
    first = claims[:MOST_NAMED]
    return {
        "computation": computation,
        "requests": [request_id(computation, claim.token) for claim in first],
        "traces": [claim.trace for claim in first if claim.trace],
    }


def _one_line(message: str) -> str:
    text = " ".join(message.split())
    return text if len(text) <= _MOST_MESSAGE else f"{text[:_MOST_MESSAGE]}…"
