-- Take the number of new actions that nobody was told of, if they are enough. Atomic.
--
-- KEYS[1]  the root of the log of actions
-- ARGV[1]  how many are enough
-- Returns  how many, or 0 where they are not enough.
local collected, told = unpack(redis.call('HMGET', key.meta, 'collected', 'told'))
local news = (collected or 0) - (told or 0)
if news < math.max(1, tonumber(ARGV[1])) then return 0 end
redis.call('HSET', key.meta, 'told', collected)
return news
