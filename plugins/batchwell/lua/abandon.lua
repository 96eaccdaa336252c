-- Let go of all that a worker held, for whoever knows that it is dead: its leases have passed
-- now, and it is no longer live. Atomic. A worker that lives after all is fenced off by the next
-- claim.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  worker
-- Returns  the number of leases that have passed.
-- Uses     requests
local now, count = now_ms(), 0
redis.call('ZREM', key.workers, ARGV[1])
local running = redis.call('ZRANGE', key.leases, 0, -1)
load_requests(running)
for _, token in ipairs(running) do
  if requests[token] and batch_of(requests[token])[2] == ARGV[1] then
    redis.call('ZADD', key.leases, now - 1, token)
    count = count + 1
  end
end
return count
