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
-- Returns  [generation, in how many ms a delivery is due or "", how many are left on the queue,
--          tokens, their attempts, params, traces ("" where none is known), previous values (""
--          likewise; [] unless asked for)]; of an empty queue only the first three.
-- Uses     values, durations, endings, noting
local call = cjson.decode(ARGV[1])
local now = now_ms()
expire_due(now, call.retain_ms)
local ripe = redis.call('ZRANGEBYSCORE', key.delayed, '-inf', now, 'LIMIT', 0, call.count)
for _, token in ipairs(ripe) do
  redis.call('ZREM', key.delayed, token)
  redis.call('ZADD', key.queue, now, token)
end

local waiting = redis.call('ZCARD', key.queue)
local noted_at, batches, claimed, deepest, largest = unpack(redis.call('HMGET', key.meta,
  'noted_at', 'batches', 'claimed', 'deepest', 'largest'))
if note(now, noted_at) then deepest, largest = 0, 0 end
local share = math.max(1, math.ceil(waiting / math.max(1, live_workers(now))))
local popped = redis.call('ZPOPMIN', key.queue, math.min(call.count, share))
if #popped == 0 then
  redis.call('DEL', key.doorbell)
  save_all()
  return { generation(), delivery_due(now), 0 }
end

local first = {}
for i = 1, #popped, 2 do first[#first + 1] = popped[i] end
load_requests(first)
local tokens, attempts, params, traces, previous = {}, {}, {}, {}, {}
local leases, back, waits, alone = {}, {}, {}, false
local until_ms, current = whole(now + call.lease_ms), generation()
local batch = cmsgpack.pack({ now, call.worker, current, call.dag_id, call.run_id })
for i = 1, #popped, 2 do
  local token, record, n = popped[i], requests[popped[i]], #tokens + 1
  if alone or (record and record[LOSSES] and n > 1) then
    back[#back + 1], back[#back + 2] = popped[i + 1], token
  elseif record then
    if record[ATTEMPT] then
      record[AGAIN] = nil -- this attempt is of the newest
    else
      waits[#waits + 1] = now - record[SUBMITTED_AT]
    end
    alone = record[LOSSES]
    record[STATUS], record[ATTEMPT], record[BATCH] = 'running', (record[ATTEMPT] or 0) + 1, batch
    change(token)
    leases[#leases + 1], leases[#leases + 2] = until_ms, token
    tokens[n], attempts[n], params[n] = token, record[ATTEMPT], record[PARAMS]
    traces[n] = record[TRACE] or ''
    if call.previous then
      previous[n] = redis.call('HGET', result_key(record[DIGEST]), 'value') or ''
    end
  end
end
in_chunks('ZADD', key.leases, leases)
in_chunks('ZADD', key.queue, back)
observe('queued', waits)
if #tokens > 0 then
  redis.call('HSET', key.meta, 'batches', (batches or 0) + 1, 'claimed', (claimed or 0) + #tokens,
    'deepest', math.max(deepest or 0, waiting), 'largest', math.max(largest or 0, #tokens))
end
save_all()
local left = waiting - (#popped - #back) / 2
return { current, delivery_due(now), left, tokens, attempts, params, traces, previous }
