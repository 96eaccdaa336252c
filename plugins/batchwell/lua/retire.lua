-- Sign a drain worker off. Atomic: a worker that means to leave an empty queue is told to stay
-- when a request has come meanwhile, so that no request falls between worker and trigger.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  worker
-- ARGV[2]  "if_idle", or "now": leave whatever waits
-- Returns  "retired" | "stay".
-- Uses     changes, attending, noting
local now = now_ms()
local waiting = claimable(now)
if waiting > 0 and ARGV[2] == 'if_idle' then return 'stay' end
redis.call('ZREM', key.workers, ARGV[1])
redis.call('HSET', key.meta, 'seen_at', now)
note(now)
if waiting > 0 then ring(now, waiting) end
tell_workers()
return 'retired'
