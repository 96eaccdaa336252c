"""The key schema: the only place that spells a Redis key.

All keys of a computation share the hash tag ``{name}``, hence one slot of a cluster::

    bw:{fibonacci}:requests         hash   token → packed record of a request that has not ended
    bw:{fibonacci}:ended:<token>    string packed record of one that has; expires some time later
    bw:{fibonacci}:active           hash   digest → token of the pending or running request
    bw:{fibonacci}:result:<digest>  hash   the last good value: value (JSON), about (packed, what
                                           else is known of it), error (packed, of a recompute
                                           that failed since); expires after ``keep_for``
    bw:{fibonacci}:renewal:<digest> string token of the request that will replace a known result
    bw:{fibonacci}:queue            zset   pending tokens by urgency (ms)
    bw:{fibonacci}:delayed          zset   pending tokens that wait for a retry, by due time (ms)
    bw:{fibonacci}:deadlines        zset   tokens that must have begun by a time (ms)
    bw:{fibonacci}:leases           zset   running tokens by the end of their lease (ms)
    bw:{fibonacci}:failures         zset   dead letters: tokens of failed requests by their end (ms)
    bw:{fibonacci}:results          zset   digests of known results by computing time (ms)
    bw:{fibonacci}:hot              zset   digests that are read, by the last noted read (ms)
    bw:{fibonacci}:latest           string digest of the result that was computed last
    bw:{fibonacci}:generation       string counter; results of an older one are stale
    bw:{fibonacci}:once:<key>       hash   how the submits of one Idempotency-Key (hashed) were
                                           answered: payload (hashed), digest → token, "" where a
                                           result answered; expires after a day
    bw:{fibonacci}:change:<id>      hash   dependencies by which an upstream change has come
    bw:{fibonacci}:delivery:<id>    hash   a message owed to a URL; expires some time after its end
    bw:{fibonacci}:deliveries       zset   deliveries of a week by the time they were owed (ms)
    bw:{fibonacci}:owed             zset   undelivered ones by when the next attempt is due (ms)
    bw:{fibonacci}:workers          zset   live drain workers by the end of their registration (ms)
    bw:{fibonacci}:doorbell         list   tokens that wake lingering workers
    bw:{fibonacci}:rung             string set for a moment after the trigger was rung
    bw:{fibonacci}:meta             hash   drains, counters, item_ms, what was told,
                                           since when (ms) there is this version of the code
                                           (version_at) and this generation (renewed_at),
                                           and who attends: seen_at (a worker), watched_at,
                                           unwatched_at, woken_at (the trigger), start_ms (from
                                           waking to the worker)
    bw:{fibonacci}:stats            hash   retries, losses, and two histograms of durations,
                                           computing and queued: a field for each bucket
                                           (``queued:250``: up to 250 ms) and ``sum_us``
    bw:{fibonacci}:history          hash   what happened in each of 180 minutes and 168 hours
                                           (packed), and the counters when it was noted last
    bw:{~actions}:actions           stream actions that wait for the database, in chunks: count,
                                           actions (JSON), at (ms)
    bw:{~actions}:waiting           string how many actions the stream has
    bw:{~actions}:tally:<minute>    hash   user → his actions in that minute; expires soon after
    bw:{~actions}:workers           zset   live collectors, as live drain workers
    bw:{~actions}:meta              hash   counters: accepted, collected, told, told_before;
                                           the teller that took the news last
    bw:{fibonacci}:run:<dag>/<run>  list   the last 200 batches of an Airflow run, as "<end in ms>
                                           <JSON>"; expires a day after the last of them

Packed is what Lua's ``cmsgpack`` makes: ``lua/shared/requests.lua`` and ``values.lua`` name what is
in it. What a served result says changes with three keys alone: its ``result``, its ``renewal`` and
the ``generation``.

``bw:access`` is a hash, the name of each access token → its record (digest, scopes, expiry), and
what begins with ``bw:limits`` are the counters of rate limits. Neither has braces: whoever may run
scripts may write every root ``bw:{…}``, for it is their one declared key (deploy/store.acl).

``bw:waiting`` is the channel that tells the trigger which computation got work; ``bw:changes``
tells those who follow requests which ones changed, as ``fibonacci <token> .<token that ended>``.
"""

from __future__ import annotations

import re

_PARTS = (
    "requests",
    "active",
    "queue",
    "delayed",
    "deadlines",
    "leases",
    "failures",
    "results",
    "hot",
    "latest",
    "generation",
    "deliveries",
    "owed",
    "workers",
    "doorbell",
    "rung",
    "meta",
    "stats",
    "history",
    "actions",
    "waiting",
)


ACTION_LOG = "~actions"
"""What stands for a computation's name in the root of the log of actions; no name is such."""

_LUA_NAMES = {
    "computation": "local computation = string.match(KEYS[1], '{(.*)}$')",
    "channel": "local channel = string.match(KEYS[1], '^(.*):{') .. ':waiting'",
    "changes_channel": "local changes_channel = string.match(KEYS[1], '^(.*):{') .. ':changes'",
    "ended_key": "local function ended_key(token) return KEYS[1] .. ':ended:' .. token end",
    "result_key": "local function result_key(digest) return KEYS[1] .. ':result:' .. digest end",
    "renewal_key": "local function renewal_key(digest) return KEYS[1] .. ':renewal:' .. digest end",
    "delivery_key": "local function delivery_key(id) return KEYS[1] .. ':delivery:' .. id end",
    "run_key": "local function run_key(run) return KEYS[1] .. ':run:' .. run end",
    "tally_key": "local function tally_key(minute) return KEYS[1] .. ':tally:' .. minute end",
    "once_key": "local function once_key(name) return KEYS[1] .. ':once:' .. name end",
}
"""The lines that spell all other names, by what scripts call them."""


def root(namespace: str, computation: str) -> str:
    """Return what all keys of a computation begin with; scripts take it as their one key."""
    return f"{namespace}:{{{computation}}}"


def roots(namespace: str) -> str:
    """Return what the keys of all computations begin with."""
    return f"{namespace}:{{"


def result(namespace: str, computation: str, digest: str) -> str:
    """Return the key of the last good value for parameters of this digest."""
    return f"{root(namespace, computation)}:result:{digest}"


def renewal(namespace: str, computation: str, digest: str) -> str:
    """Return the key that says which request will replace the value."""
    return f"{root(namespace, computation)}:renewal:{digest}"


def generation(namespace: str, computation: str) -> str:
    """Return the counter whose change makes every result of the computation stale."""
    return f"{root(namespace, computation)}:generation"


def doorbell(namespace: str, computation: str) -> str:
    """Return the list on which a lingering worker blocks."""
    return f"{root(namespace, computation)}:doorbell"


def waiting_channel(namespace: str) -> str:
    """Return the channel on which computations that got work are told."""
    return f"{namespace}:waiting"


def changes_channel(namespace: str) -> str:
    """Return the channel on which changed requests are told."""
    return f"{namespace}:changes"


def access(namespace: str) -> str:
    """Return the hash of the access tokens."""
    return f"{namespace}:access"


def limits(namespace: str) -> str:
    """Return what the keys of rate limits begin with."""
    return f"{namespace}:limits"


def lua_lines(code: str) -> str:
    """Return the Lua lines that spell the keys which ``code`` names, and no others.

    The root is ``KEYS[1]``. Raises `ValueError` for a key that is none.
    """
    code = re.sub(r"--.*", "", code)  # comments name nothing
    parts = sorted(set(re.findall(r"\bkey\.(\w+)", code)))
    if unknown := set(parts) - set(_PARTS):
        raise ValueError(f"no such key: {', '.join(unknown)}")
    spelled = ", ".join(f"{part} = KEYS[1] .. ':{part}'" for part in parts)
    lines = [line for name, line in _LUA_NAMES.items() if re.search(rf"\b{name}\b", code)]
    return "\n".join([f"local key = {{ {spelled} }}", *lines])
