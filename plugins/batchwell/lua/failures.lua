-- List dead letters, the latest first; forget those whose record has expired.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  how many to pass over
-- ARGV[2]  how many to return at most
-- Returns  [how many there are, [token, request fields]…].
local reply = { redis.call('ZCARD', key.failures) }
local start = tonumber(ARGV[1])
for _, token in ipairs(redis.call('ZREVRANGE', key.failures, start, start + ARGV[2] - 1)) do
  local record = redis.call('HGETALL', request_key(token))
  if #record == 0 then
    redis.call('ZREM', key.failures, token)
  else
    reply[#reply + 1] = { token, record }
  end
end
return reply
