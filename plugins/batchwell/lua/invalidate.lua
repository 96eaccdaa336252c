-- Begin a new generation: every result of the computation is stale from now on, however many
-- there are; each is served until it is recomputed. Atomic, O(1).
--
-- KEYS[1]  the computation's root
-- Returns  the new generation.
-- Uses     moments
redis.call('HSET', key.meta, 'renewed_at', (now_ms()))
return redis.call('INCR', key.generation)
