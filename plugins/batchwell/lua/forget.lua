-- Forget actions that are in the database, up to an entry. Atomic; repeating it is harmless.
--
-- KEYS[1]  the root of the log of actions
-- ARGV[1]  the last entry that was gathered
-- ARGV[2]  how many of the actions were new to the database
-- Returns  how many actions this call took off the log.
local count, from = 0, '-'
while true do
  local entries = redis.call('XRANGE', key.actions, from, ARGV[1], 'COUNT', 100)
  for _, entry in ipairs(entries) do count = count + entry[2][2] end
  if #entries < 100 then break end
  from = '(' .. entries[100][1]
end
if count > 0 then
  local milliseconds, number = string.match(ARGV[1], '(%d+)-(%d+)')
  redis.call('XTRIM', key.actions, 'MINID',
    milliseconds .. '-' .. string.format('%d', number + 1))
  redis.call('DECRBY', key.waiting, count)
end
redis.call('HINCRBY', key.meta, 'collected', ARGV[2])
return count
