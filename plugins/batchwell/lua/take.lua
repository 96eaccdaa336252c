-- Lease due deliveries to whoever makes them; each is due again once its lease has passed. Atomic;
-- each take raises the delivery's attempts, the fencing token of its settling.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  how many to take at most
-- ARGV[2]  lease_ms
-- Returns  [[[id, attempts, attempts spent before it was asked for again, url, event]…], in how
--          many ms the next is due or ""].
-- Uses     moments, owing
local now = now_ms()
local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key.owed, '-inf', now, 'LIMIT', 0, ARGV[1])) do
  local url, event, spent = unpack(redis.call('HMGET', delivery_key(id), 'url', 'event', 'spent'))
  if url then
    redis.call('ZADD', key.owed, now + ARGV[2], id)
    local attempts = redis.call('HINCRBY', delivery_key(id), 'attempts', 1)
    taken[#taken + 1] = { id, attempts, tonumber(spent), url, event }
  else -- evicted: nothing is left to tell
    redis.call('ZREM', key.owed, id)
  end
end
return { taken, delivery_due(now) }
