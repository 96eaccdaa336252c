"""The kinds of problem that the API tells of, each explained at the address of its ``type``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A problem's stable ``type``, its status, its title, and what to do about it."""

    type: str
    status: int
    title: str
    advice: str


_TOLD = {
    "invalid-parameters": (
        422,
        "The parameters do not fit",
        "Each entry of errors names a field and what is wrong with it. The computation's page and "
        "the catalogue show what it takes. Nothing was recorded.",
    ),
    "invalid-body": (
        422,
        "The body does not fit",
        'Send an object with "params", and if you like "priority" and "max_age". Each entry of '
        "errors names a member and what is wrong with it. Nothing was recorded.",
    ),
    "broken-json": (
        400,
        "The body is not JSON",
        "The detail tells the line and column at which reading stopped. Nothing was recorded.",
    ),
    "bad-request": (
        400,
        "The request cannot be read",
        "The request breaks the rules of HTTP; the detail tells which.",
    ),
    "cross-site": (
        403,
        "The form is on another site",
        "A form of this app works only on its own pages. Other sites may use the API.",
    ),
    "not-found": (
        404,
        "There is nothing here",
        "Check the address. All computations are listed on the first page and in the catalogue.",
    ),
    "unknown-computation": (
        404,
        "There is no such computation",
        "Check the name against the catalogue. A computation also disappears when its module "
        "fails to import; the first page and /readyz then tell why.",
    ),
    "unknown-request": (
        404,
        "There is no such request",
        "Check the id. The record of a finished request is kept for a day; its result is kept "
        "longer and is found by its parameters.",
    ),
    "never-computed": (
        404,
        "There is no value yet",
        "Reading does not start a first computing. Submit the parameters, then read again.",
    ),
    "method-not-allowed": (
        405,
        "The method does not apply here",
        "The Allow header lists the methods that do.",
    ),
    "too-large": (
        413,
        "The body is too large",
        "Parameters may have 64 KB. Pass a reference to larger data instead.",
    ),
    "unsupported-media-type": (
        415,
        "The body has the wrong type",
        "Send JSON, and say so: Content-Type: application/json.",
    ),
    "queue-full": (
        429,
        "Too many requests wait",
        "Nothing was recorded. Try again after the seconds that the Retry-After header tells.",
    ),
    "internal-error": (
        500,
        "The web app has a fault",
        "The fault is in its log, with the time of your request. Asking again does no harm.",
    ),
    "store-unavailable": (
        503,
        "The store is away",
        "Redis or Valkey does not answer, or cannot write. Asking again later does no harm. "
        "Operators: is it running, and is BATCHWELL_REDIS_URL right? /readyz tells more.",
    ),
}

KINDS = {
    slug: Kind(f"/problems/{slug}", status, title, advice)
    for slug, (status, title, advice) in _TOLD.items()
}
"""All kinds, by the last part of their ``type``."""

BY_STATUS = {
    status: KINDS[slug]
    for status, slug in {
        400: "bad-request",
        404: "not-found",
        405: "method-not-allowed",
        413: "too-large",
        415: "unsupported-media-type",
        500: "internal-error",
    }.items()
}
"""The kind of an error that the framework found."""
