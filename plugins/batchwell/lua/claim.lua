-- Lease a batch to a worker: the most urgent claimable requests become running. Atomic; each
-- claim raises the request's attempt, the fencing token of all later writes.
--
-- A request whose worker was lost before is claimed alone, so that a poison one cannot take
-- its companions down again. Of a short queue a worker takes its share, so that all finish
-- together.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {worker, count, lease_ms, retain_ms, dag_id, run_id, previous}; previous: return
--          the last good values too
-- Returns  [generation, [[token, attempt, params, previous value or "", trace or ""]…], in how many
--          ms a delivery is due or ""].
-- Uses     values, durations, endings
local call = cjson.decode(ARGV[1])
local now = now_ms()
expire_due(now, call.retain_ms)
for _, token in ipairs(redis.call('ZRANGEBYSCORE', key.delayed, '-inf', now, 'LIMIT', 0, call.count)) do
  redis.call('ZREM', key.delayed, token)
  redis.call('ZADD', key.queue, now, token)
end

local waiting = redis.call('ZCARD', key.queue)
local share = math.max(1, math.ceil(waiting / math.max(1, live_workers(now))))
local popped = redis.call('ZPOPMIN', key.queue, math.min(call.count, share))
if #popped == 0 then redis.call('DEL', key.doorbell) end

local claims, leases, back, waits, alone = {}, {}, {}, {}, false
local until_ms, current = now + call.lease_ms, generation()
for i = 1, #popped, 2 do
  local token, urgency = popped[i], popped[i + 1]
  local record = request_key(token)
  local params, attempt, losses, digest, submitted_at, trace = unpack(redis.call('HMGET', record,
    'params', 'attempt', 'losses', 'digest', 'submitted_at', 'trace'))
  if alone or (losses and #claims > 0) then
    back[#back + 1], back[#back + 2] = urgency, token
  elseif params then
    if attempt then
      redis.call('HDEL', record, 'again') -- this attempt is of the newest
    else
      waits[#waits + 1] = now - submitted_at
    end
    alone, attempt = losses, (attempt or 0) + 1
    redis.call('HSET', record, 'status', 'running', 'attempt', attempt, 'started_at', now,
      'worker', call.worker, 'generation', current, 'dag_id', call.dag_id, 'run_id', call.run_id)
    leases[#leases + 1], leases[#leases + 2] = until_ms, token
    changed[#changed + 1] = token
    local previous = call.previous and redis.call('HGET', result_key(digest), 'value') or ''
    claims[#claims + 1] = { token, attempt, params, previous, trace or '' }
  end
end
in_chunks('ZADD', key.leases, leases)
in_chunks('ZADD', key.queue, back)
observe('queued', waits)
if #claims > 0 then redis.call('HINCRBY', key.stats, 'batches', 1) end
tell_changes()
return { current, claims, delivery_due(now) }
