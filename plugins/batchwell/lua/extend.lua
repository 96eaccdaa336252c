-- Heartbeat of a worker: prolong its registration and the leases of its claims. Atomic.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {worker, worker_ms, lease_ms, claims: [[token, attempt]…]}
-- Returns  [the tokens that are no longer this worker's, in how many ms a delivery is due or ""].
-- Uses     moments, requests, owing
local call = cjson.decode(ARGV[1])
local now = now_ms()
redis.call('ZADD', key.workers, now + call.worker_ms, call.worker)
redis.call('HSET', key.meta, 'seen_at', now)
local lost = {}
for _, claim in ipairs(call.claims) do
  local token, attempt = unpack(claim)
  if owns(token, attempt) then
    redis.call('ZADD', key.leases, now + call.lease_ms, token)
  else
    lost[#lost + 1] = token
  end
end
return { lost, delivery_due(now) }
