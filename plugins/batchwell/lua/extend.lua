-- Heartbeat of a worker: prolong its registration and the leases of its claims. Atomic.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {worker, worker_ms, lease_ms, tokens: [token…], attempts: [attempt…]}
-- Returns  [the tokens that are no longer this worker's, in how many ms a delivery is due or ""].
-- Uses     requests, owing, noting
local call = cjson.decode(ARGV[1])
local now = now_ms()
redis.call('ZADD', key.workers, now + call.worker_ms, call.worker)
redis.call('HSET', key.meta, 'seen_at', now)
note(now, redis.call('HGET', key.meta, 'noted_at'))
local lost, leases = {}, {}
load_requests(call.tokens)
for i, token in ipairs(call.tokens) do
  if owns(token, call.attempts[i]) then
    leases[#leases + 1], leases[#leases + 2] = now + call.lease_ms, token
  else
    lost[#lost + 1] = token
  end
end
in_chunks('ZADD', key.leases, leases)
return { lost, delivery_due(now) }
