-- Cancel a request that has not ended: it is cancelled at once, also while it runs; its worker
-- finds its attempt fenced off and stops computing it. Atomic.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  token
-- ARGV[2]  retain_ms
-- Returns  the status that the request has then; "" when unknown.
-- Uses     endings
local token, now = ARGV[1], now_ms()
expire_due(now, ARGV[2])
load_requests({ token })
local record = record_of(token)
if record and not record[FINISHED_AT] then
  redis.call('ZREM', key.queue, token)
  redis.call('ZREM', key.delayed, token)
  end_as(token, 'cancelled')
  finish(now, ARGV[2])
end
save_all()
return record and record[STATUS] or ''
