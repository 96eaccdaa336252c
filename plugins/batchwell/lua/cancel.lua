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
local status, digest, webhooks =
  unpack(redis.call('HMGET', request_key(token), 'status', 'digest', 'webhooks'))
if status == 'pending' or status == 'running' then
  redis.call('ZREM', key.queue, token)
  redis.call('ZREM', key.delayed, token)
  finish({ { token, digest, 'cancelled', false, webhooks } }, now, ARGV[2])
  status = 'cancelled'
end
tell_changes()
return status or ''
