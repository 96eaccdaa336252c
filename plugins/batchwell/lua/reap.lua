-- Take back what dead workers held: a request whose lease has passed is pending again, or
-- failed once its attempts are used up. Of several that a worker died with none is blamed: each is
-- claimed alone next, and there its loss counts as an attempt. Ends what waited past its deadline.
-- Atomic; at most 1,000 of each a call.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {max_attempts, retain_ms}
-- Returns  [requeued, failed].
-- Uses     values, errors, endings
local call = cjson.decode(ARGV[1])
local now = now_ms()
local requeued, failed, held = 0, 0, {}
expire_due(now, call.retain_ms)
local lost = redis.call('ZRANGEBYSCORE', key.leases, '-inf', now, 'LIMIT', 0, 1000)
load_requests(lost)
for _, token in ipairs(lost) do
  local worker = requests[token] and batch_of(requests[token])[2] or ''
  held[worker] = (held[worker] or 0) + 1
end
for _, token in ipairs(lost) do
  local record = requests[token]
  if not record then -- evicted: nothing is left to take back
    redis.call('ZREM', key.leases, token)
  else
    local losses = (record[LOSSES] or 0) + 1
    -- Of so many that a call does not see all, one may only seem to have been held alone.
    local alone = held[batch_of(record)[2]] == 1 and #lost < 1000
    local blamed = (record[BLAMED] or 0) + (alone and 1 or 0)
    record[LOSSES], record[BLAMED] = losses, blamed
    local told = alone
      and 'the worker died while it computed this request, ' .. losses .. ' times'
      or 'the worker died while it held this request and others'
    tell_error(token, now, record[ATTEMPT], 'system', 'WorkerLost', told)
    if blamed + (record[FAILURES] or 0) < call.max_attempts then
      requeue(token)
      requeued = requeued + 1
    else
      tell_result(record[DIGEST], now, 'WorkerLost', told)
      end_as(token, 'failed')
      failed = failed + 1
    end
  end
end
finish(now, call.retain_ms)
if requeued + failed > 0 then redis.call('HINCRBY', key.stats, 'losses', requeued + failed) end
if requeued > 0 then ring(now, requeued) end
save_all()
return { requeued, failed }
