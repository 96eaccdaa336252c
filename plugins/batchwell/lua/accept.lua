-- Take in actions, all of them or none. Atomic.
--
-- KEYS[1]  the root of the log of actions
-- ARGV[1]  JSON {users: [user…], counts: [how many of his actions these are…], user_limit,
--          max_waiting, total}
-- ARGV[2…] chunks: their actions as JSON, and before each how many they are
-- Returns  ["accepted"], ["full", how many wait], or ["limited", milliseconds until the minute is
--          over, user, how many more of his actions may come, user, …] for each user who is over
--          the limit; nothing was taken then.
-- Uses     moments
local call, now = cjson.decode(ARGV[1]), now_ms()
local minute = math.floor(now / 60000)
local tally, limited = tally_key(minute), { 'limited', whole((minute + 1) * 60000 - now) }
local used = fields_of(tally, call.users)
for i, user in ipairs(call.users) do
  local left = call.user_limit - tonumber(used[user] or 0)
  if call.counts[i] > left then
    limited[#limited + 1], limited[#limited + 2] = user, math.max(0, left)
  end
end
if #limited > 2 then return limited end
local waiting = tonumber(redis.call('GET', key.waiting) or 0)
if waiting + call.total > call.max_waiting then return { 'full', waiting } end

local counted = {}
for i, user in ipairs(call.users) do
  counted[#counted + 1], counted[#counted + 2] = user, (used[user] or 0) + call.counts[i]
end
in_chunks('HSET', tally, counted)
redis.call('PEXPIRE', tally, 120000)
for i = 2, #ARGV, 2 do
  redis.call('XADD', key.actions, '*', 'count', ARGV[i], 'actions', ARGV[i + 1], 'at', whole(now))
end
redis.call('SET', key.waiting, whole(waiting + call.total))
redis.call('HINCRBY', key.meta, 'accepted', call.total)
return { 'accepted' }
