-- Tell what the trigger needs to know to decide whether a drain is due.
--
-- KEYS[1]  the computation's root
-- Returns  [waiting (claimable requests and leases that have passed), live workers, drains
--          begun ever, item_ms or "", since when the first in the queue waits (ms) or "", now].
local now = now_ms()
local first = redis.call('ZRANGE', key.queue, 0, 0)[1]
return {
  claimable(now) + redis.call('ZCOUNT', key.leases, '-inf', now),
  live_workers(now),
  tonumber(redis.call('HGET', key.meta, 'drains') or 0),
  redis.call('HGET', key.meta, 'item_ms') or '',
  first and redis.call('HGET', request_key(first), 'submitted_at') or '',
  now,
}
