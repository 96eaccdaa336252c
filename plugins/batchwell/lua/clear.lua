-- Cancel requests that wait, the most urgent first. Atomic; those that run are left alone.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  how many to cancel at most
-- ARGV[2]  retain_ms
-- Returns  how many were cancelled.
-- Uses     endings
local now, most, count = now_ms(), tonumber(ARGV[1]), 0
for _, name in ipairs({ key.queue, key.delayed }) do
  local waiting = redis.call('ZRANGEBYSCORE', name, '-inf', '+inf', 'LIMIT', 0, most - count)
  in_chunks('ZREM', name, waiting)
  load_requests(waiting)
  for _, token in ipairs(waiting) do
    if requests[token] then
      end_as(token, 'cancelled')
      count = count + 1
    end
  end
end
finish(now, ARGV[2])
save_all()
return count
