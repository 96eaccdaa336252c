-- How requests come to be pending.
-- Uses     requests

local actives, queued = {}, {}

-- Record a new pending request; `trace` is what who asked calls it, if anything. `renews`: its
-- parameters have a result, which shall tell that it will be replaced.
local function create(token, digest, params, now, offset, trace, renews)
  local record = { 'pending', digest, params, now }
  if trace and trace ~= '' then record[TRACE] = trace end
  if renews then
    record[RENEWS] = true
    redis.call('SET', renewal_key(digest), token)
  end
  requests[token], unsaved[token] = record, true
  actives[#actives + 1], actives[#actives + 2] = digest, token
  queued[#queued + 1], queued[#queued + 2] = now + offset, token
end

-- Bring a running request back to pending, in front of those that came after it.
local function requeue(token)
  local record = requests[token]
  record[STATUS] = 'pending'
  change(token)
  redis.call('ZREM', key.leases, token)
  queued[#queued + 1], queued[#queued + 2] = record[SUBMITTED_AT], token
end

-- Keep all that this call changed, and queue what it created or brought back.
local function save_all()
  in_chunks('HSET', key.active, actives)
  in_chunks('ZADD', key.queue, queued)
  save_requests()
end
