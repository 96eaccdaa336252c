-- Take back what dead workers held: a request whose lease has passed is pending again, or
-- failed once its attempts are used up. Of several that a worker died with none is blamed: each is
-- claimed alone next, and there its loss counts as an attempt. Ends what waited past its deadline.
-- Atomic; at most 1,000 of each a call.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {max_attempts, retain_ms}
-- Returns  [requeued, failed].
-- Uses     values, endings
local call = cjson.decode(ARGV[1])
local now = now_ms()
local requeued, ends = 0, {}
expire_due(now, call.retain_ms)
local lost = redis.call('ZRANGEBYSCORE', key.leases, '-inf', now, 'LIMIT', 0, 1000)
local held = {}
for i, token in ipairs(lost) do
  local worker = redis.call('HGET', request_key(token), 'worker') or ''
  held[worker] = (held[worker] or 0) + 1
  lost[i] = { token, worker }
end
for _, item in ipairs(lost) do
  local token, worker = unpack(item)
  local record = request_key(token)
  local digest, attempt, failures, params, again, webhooks = unpack(
    redis.call('HMGET', record, 'digest', 'attempt', 'failures', 'params', 'again', 'webhooks'))
  if not digest then -- evicted: nothing is left to take back
    redis.call('ZREM', key.leases, token)
  else
    local losses = redis.call('HINCRBY', record, 'losses', 1)
    -- Of so many that a call does not see all, one may only seem to have been held alone.
    local alone = held[worker] == 1 and #lost < 1000
    local blamed = redis.call('HINCRBY', record, 'blamed', alone and 1 or 0)
    local told = alone
      and 'the worker died while it computed this request, ' .. losses .. ' times'
      or 'the worker died while it held this request and others'
    tell_error(token, now, tonumber(attempt), 'system', 'WorkerLost', told)
    if blamed + (failures or 0) < call.max_attempts then
      requeue(token)
      requeued = requeued + 1
    else
      tell_result(digest, now, 'WorkerLost', told)
      ends[#ends + 1] = { token, digest, 'failed', again and params, webhooks }
    end
  end
end
finish(ends, now, call.retain_ms)
if requeued + #ends > 0 then redis.call('HINCRBY', key.stats, 'losses', requeued + #ends) end
if requeued > 0 then ring(now, requeued) end
tell_changes()
return { requeued, #ends }
