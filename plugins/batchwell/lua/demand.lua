-- Tell what the trigger needs to know to decide whether a drain is due; note now and then that it
-- watches.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  "watch" when the trigger asks, "" when another does
-- Returns  [waiting (claimable requests and leases that have passed), live workers, drains
--          begun ever, item_ms or "", since when the first in the queue waits (ms) or "", now,
--          deliveries that are due].
-- Uses     requests, attending, noting
local now = now_ms()
local first = redis.call('ZRANGE', key.queue, 0, 0)
load_requests(first)
local record = requests[first[1]]
if ARGV[1] == 'watch' then
  local watched, unwatched, noted_at =
    unpack(redis.call('HMGET', key.meta, 'watched_at', 'unwatched_at', 'noted_at'))
  if record then note(now, noted_at) end
  if not watched or now - watched > 10000 or unwatched then
    redis.call('HSET', key.meta, 'watched_at', now)
    redis.call('HDEL', key.meta, 'unwatched_at')
  end
end
return {
  claimable(now) + redis.call('ZCOUNT', key.leases, '-inf', now),
  live_workers(now),
  tonumber(redis.call('HGET', key.meta, 'drains') or 0),
  redis.call('HGET', key.meta, 'item_ms') or '',
  record and record[SUBMITTED_AT] or '',
  now,
  redis.call('ZCOUNT', key.owed, '-inf', now),
}
