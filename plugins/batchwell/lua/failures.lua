-- List dead letters, the latest first; forget those whose record has expired. A place in the list
-- is "<end in ms>:<token>", also of a letter that is there no more.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  the place after which to begin; "" for the first
-- ARGV[2]  how many to return at most
-- Returns  [how many there are, the place after which to go on ("": no more),
--          [token, request fields]…].
-- Uses     describing, paging
local count = redis.call('ZCARD', key.failures)
local letters, place = page(key.failures, ARGV[1], ARGV[2], '%w+')
local reply = { count, place }
for i = 1, #letters, 2 do
  local token = letters[i]
  local record = record_of(token)
  if record then
    reply[#reply + 1] = { token, named(record) }
  else
    redis.call('ZREM', key.failures, token)
  end
end
return reply
