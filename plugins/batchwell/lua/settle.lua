-- Record what came of an attempt to deliver: it is delivered, dead, or owed still. Atomic; an
-- attempt that lost its lease to a later one changes nothing.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {id, attempt, status, delay_ms: until the next attempt, answer: the receiver's
--          status or "", error, retain_ms}; status is "delivered" | "owed" | "dead"
-- Returns  the status | "not_owner".
-- Uses     moments
local call = cjson.decode(ARGV[1])
local now, delivery = now_ms(), delivery_key(call.id)
local status, attempts = unpack(redis.call('HMGET', delivery, 'status', 'attempts'))
if status ~= 'owed' or tonumber(attempts) ~= call.attempt then return 'not_owner' end
redis.call('HSET', delivery, 'status', call.status, 'attempted_at', now,
  'answer', call.answer, 'error', call.error)
if call.status == 'owed' then
  redis.call('ZADD', key.owed, now + call.delay_ms, call.id)
else
  redis.call('ZREM', key.owed, call.id)
  redis.call('PEXPIRE', delivery, 7 * call.retain_ms)
end
return call.status
