-- Note that the trigger watches other computations, and this one no longer: its DAG was paused, or
-- is gone.
--
-- KEYS[1]  the computation's root
-- Uses     moments, changes
local now = now_ms()
redis.call('HSET', key.meta, 'unwatched_at', now)
tell_workers()
