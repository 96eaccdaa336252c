-- Register a drain worker as live for a while (extend prolongs it). Atomic.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  worker
-- ARGV[2]  worker_ms: how long the registration lasts
local now = now_ms()
redis.call('ZREMRANGEBYSCORE', key.workers, '-inf', now)
if redis.call('ZADD', key.workers, now + ARGV[2], ARGV[1]) == 1 then
  redis.call('HINCRBY', key.meta, 'drains', 1)
end
