-- Tell how the taking in of actions stands. Reads only.
--
-- KEYS[1]  the root of the log of actions
-- Returns  [waiting, since when the oldest waits (ms) or "", now, live collectors, accepted ever,
--          collected ever].
-- Uses     moments, attending
local now = now_ms()
local accepted, collected = unpack(redis.call('HMGET', key.meta, 'accepted', 'collected'))
local first = redis.call('XRANGE', key.actions, '-', '+', 'COUNT', 1)[1]
return {
  tonumber(redis.call('GET', key.waiting) or 0),
  first and first[2][6] or '',
  now,
  live_workers(now),
  tonumber(accepted or 0),
  tonumber(collected or 0),
}
