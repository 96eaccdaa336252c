-- Count what a computation has, for the catalogue.
--
-- KEYS[1]  the computation's root
-- Returns  [pending, running, known results, live workers, succeeded, failed, generation,
--          item_ms or "", dead letters].
-- Uses     moments, attending, values
local succeeded, failed, item_ms =
  unpack(redis.call('HMGET', key.meta, 'succeeded', 'failed', 'item_ms'))
return {
  redis.call('ZCARD', key.queue) + redis.call('ZCARD', key.delayed),
  redis.call('ZCARD', key.leases),
  redis.call('ZCARD', key.results),
  live_workers(now_ms()),
  tonumber(succeeded or 0),
  tonumber(failed or 0),
  tonumber(generation()),
  item_ms or '',
  redis.call('ZCARD', key.failures),
}
