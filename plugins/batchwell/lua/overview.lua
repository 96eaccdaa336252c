-- Tell how a computation is: what waits, who works, what is known, what was done in the last hour. Reads
-- only, in time that neither a backlog nor a number of results lengthens.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {fresh_ms (-1: until invalidated), keep_ms, version, most_bytes}
-- Returns  [[waiting, running, known results, fresh ones, dead letters, deliveries due, since when the
--          first in the queue waits (ms) or ""], attention, results of each of the last 60 minutes as
--          "0,0,7…", the latest result: [] or [computed_at, params, dag_id, run_id, value or "" where it
--          has more than most_bytes]].
-- Uses     requests, values, attending, noting
local call, now = cjson.decode(ARGV[1]), now_ms()
local first = redis.call('ZRANGE', key.queue, 0, 0)
load_requests(first)
local record = requests[first[1]]

-- A result is fresh from when it was computed, which orders them: those of a batch for 0.9 to 1 times
-- fresh_ms. This takes the middle, so that a few may be told wrongly.
local version, version_at, renewed_at, succeeded =
  unpack(redis.call('HMGET', key.meta, 'version', 'version_at', 'renewed_at', 'succeeded'))
local since = call.fresh_ms < 0 and 0 or now - 0.95 * call.fresh_ms
since = math.max(since, version_at or 0, renewed_at or 0)
local is_other = version and version ~= call.version
local fresh = is_other and 0 or redis.call('ZCOUNT', key.results, since, '+inf')

local packed, recent = redis.call('HGET', key.history, 'last'), {}
if packed then
  local last = cmsgpack.unpack(packed)
  recent = recent_with(last[1], math.max(0, (succeeded or 0) - last[3]))
end
local minutes = table.concat(rolled(recent, math.floor(now / 60000)), ',', 2)

local digest, latest = redis.call('GET', key.latest), {}
local about = digest and load_about(digest)
if about then
  local is_short = redis.call('HSTRLEN', result_key(digest), 'value') <= call.most_bytes
  latest = { about[COMPUTED_AT], about[PARAMS_OF], about[10], about[11],
    is_short and value_of(digest) or '' }
end
return {
  {
    redis.call('ZCARD', key.queue) + redis.call('ZCARD', key.delayed),
    redis.call('ZCARD', key.leases),
    redis.call('ZCOUNT', key.results, now - call.keep_ms, '+inf'),
    fresh,
    redis.call('ZCARD', key.failures),
    redis.call('ZCOUNT', key.owed, '-inf', now),
    record and record[SUBMITTED_AT] or '',
  },
  attention(now),
  minutes,
  latest,
}
