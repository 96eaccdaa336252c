-- Note that the trigger woke Airflow: when it first did after a worker was last seen.
--
-- KEYS[1]  the computation's root
-- Uses     moments, changes
local now = now_ms()
local woken, seen = unpack(redis.call('HMGET', key.meta, 'woken_at', 'seen_at'))
if not woken or (seen and seen >= woken) then
  redis.call('HSET', key.meta, 'woken_at', now)
  tell_workers()
end
