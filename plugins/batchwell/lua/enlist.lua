-- Register a drain worker as live for a while (extend prolongs it); note how long the first one
-- took to come after Airflow was woken. Atomic.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  worker
-- ARGV[2]  worker_ms: how long the registration lasts
-- Uses     changes, noting
local now = now_ms()
redis.call('ZREMRANGEBYSCORE', key.workers, '-inf', now)
local others = redis.call('ZCARD', key.workers)
note(now, redis.call('HGET', key.meta, 'noted_at'))
if redis.call('ZADD', key.workers, now + ARGV[2], ARGV[1]) == 1 then
  redis.call('HINCRBY', key.meta, 'drains', 1)
  local woken, seen, before =
    unpack(redis.call('HMGET', key.meta, 'woken_at', 'seen_at', 'start_ms'))
  local took = woken and now - woken
  -- One that took minutes was not being started: something was amiss.
  if others == 0 and took and took < 60000 and woken > (seen or '') then
    before = before or took
    redis.call('HSET', key.meta, 'start_ms', math.floor(before + 0.3 * (took - before)))
  end
  tell_workers()
end
redis.call('HSET', key.meta, 'seen_at', now)
