-- Tell who works for a computation, and how many messages it owes. Reads only.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  how many workers to name at most
-- Returns  [messages that are owed, the names of live workers…].
-- Uses     moments
local live = redis.call('ZRANGEBYSCORE', key.workers, now_ms(), '+inf', 'LIMIT', 0, ARGV[1])
return { redis.call('ZCARD', key.owed), unpack(live) }
