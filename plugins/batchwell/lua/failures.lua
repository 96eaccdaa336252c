-- List dead letters, the latest first; forget those whose record has expired. A place in the list
-- is "<end in ms>:<token>", also of a letter that is there no more.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  the place after which to begin; "" for the first
-- ARGV[2]  how many to return at most
-- Returns  [how many there are, the place after which to go on ("": no more),
--          [token, request fields]…].
local start = 0
if ARGV[1] ~= '' then
  local ended, token = string.match(ARGV[1], '^(%d+):(%w+)$')
  -- A letter that has gone is put back for a moment, to learn where it was.
  local gone = redis.call('ZADD', key.failures, 'NX', ended, token) == 1
  start = redis.call('ZREVRANK', key.failures, token) + (gone and 0 or 1)
  if gone then redis.call('ZREM', key.failures, token) end
end
local count = redis.call('ZCARD', key.failures)
local letters = redis.call('ZREVRANGE', key.failures, start, start + ARGV[2] - 1, 'WITHSCORES')
local more = #letters > 0 and start + #letters / 2 < count
local reply = { count, more and letters[#letters] .. ':' .. letters[#letters - 1] or '' }
for i = 1, #letters, 2 do
  local token = letters[i]
  local record = redis.call('HGETALL', request_key(token))
  if #record == 0 then
    redis.call('ZREM', key.failures, token)
  else
    reply[#reply + 1] = { token, record }
  end
end
return reply
