-- Take the number of collected actions that nobody was told of, if they are enough. Atomic; who took
-- them last and asks again, as after it was killed, takes them again.
--
-- KEYS[1]  the root of the log of actions
-- ARGV[1]  how many are enough
-- ARGV[2]  who tells of them
-- Returns  how many, or 0 where they are not enough.
local collected, told, told_before, teller = unpack(redis.call('HMGET', key.meta,
  'collected', 'told', 'told_before', 'teller'))
if teller == ARGV[2] then told = told_before end
local news = (collected or 0) - (told or 0)
if news < math.max(1, tonumber(ARGV[1])) then return 0 end
redis.call('HSET', key.meta, 'told', collected, 'told_before', told or 0, 'teller', ARGV[2])
return news
