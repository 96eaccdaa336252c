-- Tell all that monitoring asks of a computation. Reads only, in time that no backlog lengthens.
--
-- KEYS[1]  the computation's root
-- Returns  [[waiting, running, known results, live workers, dead letters, generation], since when
--          the first in the queue waits (ms) or "", when the latest result was computed (ms) or "", now, the
--          fields of meta, the fields of stats].
-- Uses     requests, attending
local now = now_ms()
local first = redis.call('ZRANGE', key.queue, 0, 0)
load_requests(first)
local record = requests[first[1]]
return {
  {
    redis.call('ZCARD', key.queue) + redis.call('ZCARD', key.delayed),
    redis.call('ZCARD', key.leases),
    redis.call('ZCARD', key.results),
    live_workers(now),
    redis.call('ZCARD', key.failures),
    tonumber(redis.call('GET', key.generation) or 0),
  },
  record and record[SUBMITTED_AT] or '',
  redis.call('ZRANGE', key.results, -1, -1, 'WITHSCORES')[2] or '',
  now,
  redis.call('HGETALL', key.meta),
  redis.call('HGETALL', key.stats),
}
