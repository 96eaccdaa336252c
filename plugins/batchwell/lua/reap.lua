-- Take back what dead workers held: a request whose lease has passed is pending again, or
-- failed once its attempts are used up. Atomic; at most 1,000 a call.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {max_attempts, retain_ms}
-- Returns  [requeued, failed].
local call = cjson.decode(ARGV[1])
local now = now_ms()
local requeued, ends = 0, {}
for _, token in ipairs(redis.call('ZRANGEBYSCORE', key.leases, '-inf', now, 'LIMIT', 0, 1000)) do
  local record = request_key(token)
  local digest, failures = unpack(redis.call('HMGET', record, 'digest', 'failures'))
  local losses = digest and redis.call('HINCRBY', record, 'losses', 1)
  if not digest then -- evicted: nothing is left to take back
    redis.call('ZREM', key.leases, token)
  elseif losses + (failures or 0) < call.max_attempts then
    requeue(token)
    requeued = requeued + 1
  else
    redis.call('HSET', record, 'error_type', 'WorkerLost', 'error_message',
      'the worker died while it computed this request, ' .. losses .. ' times')
    ends[#ends + 1] = { token, digest, 'failed' }
  end
end
finish(ends, now, call.retain_ms)
if requeued > 0 then ring(now, requeued) end
return { requeued, #ends }
