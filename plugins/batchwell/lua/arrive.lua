-- Note that an upstream change has come by way of one dependency; once it has come by way of all
-- that it was to come by, a new generation begins. Atomic; a diamond of dependencies thus
-- recomputes once a change, and a repeated event changes nothing. The run that completed a change
-- is told so again when it asks again: its first try may have died since.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {change, by, expected: [dependency…], run, retain_ms}
-- Returns  "complete" with this call | "waiting" for other dependencies | "known" already.
-- Uses     moments
local call = cjson.decode(ARGV[1])
local change = KEYS[1] .. ':change:' .. call.change
if redis.call('HSETNX', change, 'by ' .. call.by, '1') == 0 then
  return redis.call('HGET', change, 'run') == call.run and 'complete' or 'known'
end
redis.call('PEXPIRE', change, call.retain_ms)
for _, dependency in ipairs(call.expected) do
  if redis.call('HEXISTS', change, 'by ' .. dependency) == 0 then return 'waiting' end
end
redis.call('HSET', change, 'run', call.run)
redis.call('INCR', key.generation)
redis.call('HSET', key.meta, 'renewed_at', (now_ms()))
return 'complete'
