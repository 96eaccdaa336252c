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


def _kind(slug: str, status: int, title: str, *advice: str) -> Kind:
    return Kind(f"/problems/{slug}", status, title, " ".join(advice))


_ALL = (
    _kind(
        "invalid-parameters",
        422,
        "The parameters do not fit",
        "Each entry of errors names a field and what is wrong with it.",
        "The computation's page and the catalogue show what it takes. Nothing was recorded.",
    ),
    _kind(
        "invalid-body",
        422,
        "The body does not fit",
        'Send an object with "params", and if you like "priority", "max_age", "expires_in" and',
        '"webhook".',
        "Each entry of errors names a member and what is wrong with it. Nothing was recorded.",
    ),
    _kind(
        "invalid-action",
        422,
        "The action does not fit",
        'Send {"user", "item", "action"}, and if you like "id" and "at"; or {"items": […]} with',
        "many of them. Each entry of errors names a member and what is wrong with it. The action",
        "was not recorded.",
    ),
    _kind(
        "idempotency-key-reused",
        422,
        "The key belongs to another body",
        "An Idempotency-Key makes repeats of one submit the same request, for a day.",
        "It came before with another body. Send a new key with each new submit.",
        "Nothing was recorded.",
    ),
    _kind(
        "broken-json",
        400,
        "The body is not JSON",
        "The detail tells the line and column at which reading stopped. Nothing was recorded.",
    ),
    _kind(
        "bad-request",
        400,
        "The request cannot be read",
        "The request breaks the rules of HTTP; the detail tells which.",
    ),
    _kind(
        "not-authenticated",
        401,
        "A token is needed",
        "Send Authorization: Bearer and a token that is valid; the pages take it at /login.",
        "An operator makes one with: batchwell token create NAME --scopes read.",
    ),
    _kind(
        "insufficient-scope",
        403,
        "The token does not allow this",
        "The detail names the scope that is needed: read to look, submit to ask for values, admin",
        "to invalidate and replay; each implies those before it. Ask for another token.",
    ),
    _kind(
        "not-local",
        403,
        "This app serves its own machine only",
        "Without tokens it must not be reached from elsewhere. Operators: create one with",
        "batchwell token create NAME --scopes read, or set BATCHWELL_URL if that is how this",
        "machine itself reaches the app.",
    ),
    _kind(
        "cross-site",
        403,
        "Another site asked for this",
        "A browser sent it for a page of another site. The forms and scripts of this app work on",
        "its own pages only. Operators: BATCHWELL_CORS_ORIGINS lets the scripts of other sites in.",
    ),
    _kind(
        "not-found",
        404,
        "There is nothing here",
        "Check the address. The first page and the catalogue list all computations.",
    ),
    _kind(
        "unknown-computation",
        404,
        "There is no such computation",
        "Check the name against the catalogue. A computation is missing too when its module",
        "fails to import; the first page and /readyz then tell why.",
    ),
    _kind(
        "unknown-request",
        404,
        "There is no such request",
        "Check the id. The record of a finished request is kept for a day; its result is kept",
        "longer, and found by its parameters.",
    ),
    _kind(
        "unknown-delivery",
        404,
        "There is no such delivery",
        "Check the id. A delivery can be looked at and repeated for a week.",
    ),
    _kind(
        "no-actions",
        404,
        "No actions are collected",
        "Operators: a module of dags/computations that has an ActionLog makes the web app take",
        "actions.",
    ),
    _kind(
        "never-computed",
        404,
        "There is no value yet",
        "Reading does not start a first computing. Submit the parameters, then read again.",
    ),
    _kind(
        "method-not-allowed",
        405,
        "The method does not apply here",
        "The Allow header lists the methods that do.",
    ),
    _kind(
        "already-ended",
        409,
        "The request has ended already",
        "Only a request that waits or runs can be cancelled.",
    ),
    _kind(
        "not-replayable",
        409,
        "The request cannot be replayed",
        "Only one that failed, expired or was cancelled can. To have a value computed again,",
        'submit its parameters with "max_age": 0.',
    ),
    _kind(
        "too-many-webhooks",
        409,
        "Too many wait to be told",
        "The request is under way, and no further URL can be told of its end. Nothing was changed.",
        "Look at the request instead, or submit again once it has ended.",
    ),
    _kind(
        "too-large",
        413,
        "The body is too large",
        "Parameters may have 64 KB. Pass a reference to larger data instead.",
    ),
    _kind(
        "address-too-long",
        414,
        "The address is too long",
        "A request's first line may have 4,094 bytes. Submit large parameters, in a body,",
        'with "max_age" if an older value will do: the answer is the value when it is known.',
    ),
    _kind(
        "unsupported-media-type",
        415,
        "The body has the wrong type",
        "Send JSON, and say so: Content-Type: application/json.",
    ),
    _kind(
        "queue-full",
        429,
        "Too many requests wait",
        "Nothing was recorded. Try again after the seconds that the Retry-After header tells.",
    ),
    _kind(
        "too-many-actions",
        429,
        "One user does too much",
        "Nobody does so many things in a minute by hand. What the user did within the limit was",
        "recorded; send the others again after the seconds that the Retry-After header tells.",
    ),
    _kind(
        "rate-limited",
        429,
        "Too many calls",
        "Nothing was done. Try again after the seconds that the Retry-After header tells. The",
        "RateLimit header tells with each answer how many calls are left.",
    ),
    _kind(
        "store-refuses",
        500,
        "The store refuses the web app",
        "Operators: Redis or Valkey does not let the app in, or do what it must: see that",
        "BATCHWELL_REDIS_URL names the right user and password, and that deploy/store.acl is in",
        "force. The log of the web app tells what was refused.",
    ),
    _kind(
        "headers-too-large",
        431,
        "The headers are too large",
        "Each may have 8,190 bytes, and there may be 100 of them.",
    ),
    _kind(
        "internal-error",
        500,
        "The web app has a fault",
        "Its log tells more, under the time of your request.",
    ),
    _kind(
        "no-place",
        503,
        "All places to wait are taken",
        "Look at the request's status document now and then, or try again after the seconds that",
        "the Retry-After header tells. Operators: BATCHWELL_WAITERS says how many there are.",
    ),
    _kind(
        "actions-unavailable",
        503,
        "No actions can be taken in now",
        "A module of dags/computations is left out, perhaps the one with the ActionLog. Nothing",
        "was recorded: send it again after the seconds that the Retry-After header tells.",
        "Operators: /readyz tells which module it is, and what is wrong with it.",
    ),
    _kind(
        "actions-full",
        503,
        "Too many actions wait",
        "The database of actions is away, or slower than they come. Nothing of this call was",
        "recorded: send all of it again after the seconds that the Retry-After header tells.",
        "Operators: did the last run of the DAG collect_actions in Airflow fail, and is it on?",
    ),
    _kind(
        "store-unavailable",
        503,
        "The store is away",
        "Redis or Valkey does not answer, or cannot write. Asking again later does no harm.",
        "Operators: is it running, and is BATCHWELL_REDIS_URL right? /readyz tells more.",
    ),
)

KINDS = {kind.type.rpartition("/")[2]: kind for kind in _ALL}
"""All kinds, by the last part of their ``type``."""

BY_STATUS = {
    kind.status: kind
    for kind in (
        KINDS["bad-request"],
        KINDS["not-found"],
        KINDS["method-not-allowed"],
        KINDS["too-large"],
        KINDS["address-too-long"],
        KINDS["unsupported-media-type"],
        KINDS["headers-too-large"],
        KINDS["internal-error"],
    )
}
"""The kind of an error that the framework found."""
