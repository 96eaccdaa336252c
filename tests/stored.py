"""Look at what the store's scripts pack, and change it: time is moved by writing it."""

from __future__ import annotations

from typing import Any

from batchwell import keys
from batchwell.scripts import assemble
from batchwell.store import Store

# ARGV: token, name of the field, value ("": only look). Returns the value before; nil without one.
_REQUEST = """
-- Uses requests
local field = ({ status = STATUS, attempt = ATTEMPT, params = PARAMS, trace = TRACE,
  submitted_at = SUBMITTED_AT })[ARGV[2]]
load_requests({ ARGV[1] })
local record = record_of(ARGV[1])
local before = record and record[field]
if before and ARGV[3] ~= '' then
  record[field] = tonumber(ARGV[3]) or ARGV[3]
  redis.call('HSET', key.requests, ARGV[1], cmsgpack.pack(record))
end
return before
"""

# ARGV: digest, name of the field, value ("": only look). Returns the value before.
_RESULT = """
-- Uses requests, values
local field = ({ computed_at = COMPUTED_AT, fresh_until = FRESH_UNTIL, params = PARAMS_OF,
  duration_seconds = SECONDS })[ARGV[2]]
local about = load_about(ARGV[1])
local before = about[field]
if ARGV[3] ~= '' then
  about[field] = tonumber(ARGV[3]) or ARGV[3]
  redis.call('HSET', result_key(ARGV[1]), 'about', cmsgpack.pack(about))
end
return before
"""

# ARGV: minutes. Moves all that was noted so far into the past.
_HISTORY = """
-- Uses noting
local minutes, before = tonumber(ARGV[1]), redis.call('HGETALL', key.history)
redis.call('DEL', key.history)
for i = 1, #before, 2 do
  local name, cell = before[i], cmsgpack.unpack(before[i + 1])
  if name == 'last' then
    cell[1] = cell[1] - minutes * 60000
  elseif name == 'recent' then
    cell[1] = cell[1] - minutes
  else
    local kind = string.sub(name, 1, 1)
    local length, size = ring_of(kind)
    cell[1] = cell[1] - math.floor(minutes * 60000 / length)
    name = kind .. cell[1] % size
  end
  redis.call('HSET', key.history, name, cmsgpack.pack(cell))
end
redis.call('HINCRBY', key.meta, 'noted_at', -minutes * 60000)
"""


def request_field(store: Store, computation: str, token: str, name: str) -> Any:
    """Return a field of a request's record, None where it has none."""
    return _run(store, _REQUEST, computation, token, name, "")


def set_request_field(
    store: Store, computation: str, token: str, name: str, value: str | int
) -> None:
    """Write a field of the record of a request that has not ended."""
    _run(store, _REQUEST, computation, token, name, value)


def result_field(store: Store, computation: str, digest: str, name: str) -> Any:
    """Return a field of what is known of a result."""
    return _run(store, _RESULT, computation, digest, name, "")


def set_result_field(
    store: Store, computation: str, digest: str, name: str, value: str | int
) -> None:
    """Write a field of what is known of a result."""
    _run(store, _RESULT, computation, digest, name, value)


def age_history(store: Store, computation: str, minutes: int) -> None:
    """Let all that was noted have happened so long before; whole hours move those of hours too."""
    _run(store, _HISTORY, computation, minutes)


def forget_request(store: Store, computation: str, token: str) -> None:
    """Lose a request's record, as a server does that evicts."""
    root = keys.root(store.namespace, computation)
    store.client.hdel(f"{root}:requests", token)
    store.client.delete(f"{root}:ended:{token}")


def _run(store: Store, code: str, computation: str, *args: str | int) -> Any:
    root = keys.root(store.namespace, computation)
    return store.client.eval(assemble(code), 1, root, *map(str, args))


def age_actions(store: Store, seconds: float) -> None:
    """Let the actions that wait have come so long ago."""
    stream = f"{keys.root(store.namespace, keys.ACTION_LOG)}:actions"
    client: Any = store.client  # its types leave open what it answers
    entries = client.xrange(stream)
    client.delete(stream)
    for entry, fields in entries:
        came_at = int(fields[b"at"]) - int(1000 * seconds)
        client.xadd(stream, {**fields, b"at": came_at}, id=entry)
