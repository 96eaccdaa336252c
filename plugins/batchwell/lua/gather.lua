-- Read the oldest actions; they stay until they are forgotten. Notes that a collector lives, if the
-- server can write: one that is out of memory is helped by whoever collects.
--
-- KEYS[1]  the root of the log of actions
-- ARGV[1]  about how many; 0 for none
-- ARGV[2]  collector
-- ARGV[3]  for how long (ms) it is held alive
-- Returns  [entry id, actions as JSON, when they were taken in (ms), entry id, …].
-- Uses     moments
local most, count, found = tonumber(ARGV[1]), 0, {}
redis.pcall('ZADD', key.workers, now_ms() + ARGV[3], ARGV[2])
local from = '-'
while count < most do
  local entries = redis.call('XRANGE', key.actions, from, '+', 'COUNT', 20)
  for _, entry in ipairs(entries) do
    if count >= most then break end
    found[#found + 1], found[#found + 2] = entry[1], entry[2][4]
    found[#found + 1] = entry[2][6]
    count = count + entry[2][2]
    from = '(' .. entry[1]
  end
  if #entries < 20 then break end
end
return found
