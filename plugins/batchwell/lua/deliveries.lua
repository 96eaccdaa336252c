-- List the deliveries of the last week, the latest first; forget older ones. A place in the list is
-- "<when it was owed, in ms>:<id>", also of a delivery that is there no more.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  the place after which to begin; "" for the first
-- ARGV[2]  how many to return at most
-- ARGV[3]  retain_ms
-- Returns  [the place after which to go on ("": no more), [id, due (ms) or "", delivery fields]…].
trim(key.deliveries, now_ms() - 7 * ARGV[3])
local start = 0
if ARGV[1] ~= '' then
  local owed, id = string.match(ARGV[1], '^(%d+):(.*)$')
  -- A delivery that has gone is put back for a moment, to learn where it was.
  local gone = redis.call('ZADD', key.deliveries, 'NX', owed, id) == 1
  start = redis.call('ZREVRANK', key.deliveries, id) + (gone and 0 or 1)
  if gone then redis.call('ZREM', key.deliveries, id) end
end
local found = redis.call('ZREVRANGE', key.deliveries, start, start + ARGV[2] - 1, 'WITHSCORES')
local more = start + #found / 2 < redis.call('ZCARD', key.deliveries)
local reply = { more and found[#found] .. ':' .. found[#found - 1] or '' }
for i = 1, #found, 2 do reply[#reply + 1] = load_delivery(found[i]) end
return reply
