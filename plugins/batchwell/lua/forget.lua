-- Forget actions that are in the database, and count them. Atomic; repeating it is harmless.
--
-- KEYS[1]  the root of the log of actions
-- ARGV[1]  the first entry that was gathered
-- ARGV[2]  the last one
-- ARGV[3]  how many actions they have
-- Returns  how many actions this call took off the log: 0 where others begin it by now, or not all
--          of them up to the last are those that were gathered, as in a replica that took over.
local first, count, from = nil, 0, '-'
while true do
  local entries = redis.call('XRANGE', key.actions, from, ARGV[2], 'COUNT', 100)
  for _, entry in ipairs(entries) do
    first = first or entry[1]
    count = count + entry[2][2]
  end
  if #entries < 100 then break end
  from = '(' .. entries[100][1]
end
if first ~= ARGV[1] or count ~= tonumber(ARGV[3]) then return 0 end
local milliseconds, number = string.match(ARGV[2], '(%d+)-(%d+)')
redis.call('XTRIM', key.actions, 'MINID', milliseconds .. '-' .. string.format('%d', number + 1))
redis.call('DECRBY', key.waiting, count)
redis.call('HINCRBY', key.meta, 'collected', count)
return count
