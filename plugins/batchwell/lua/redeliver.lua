-- Have a message delivered again, whatever became of it: it is due now, with all its attempts
-- before it. Atomic; an attempt under way is fenced off, by an attempt that is skipped.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  id of the delivery
-- ARGV[2]  retain_ms
-- Returns  [id, due (ms), delivery fields]; [] when the delivery or its request is unknown.
-- Uses     moments, attending, owing
local id, now = ARGV[1], now_ms()
local request, delivery = ended_key(string.match(id, '^(.*)-')), delivery_key(id)
if redis.call('EXISTS', delivery) == 0 or redis.call('EXISTS', request) == 0 then return {} end
local attempts, skipped = unpack(redis.call('HMGET', delivery, 'attempts', 'skipped'))
attempts = (attempts or 0) + 1
redis.call('HSET', delivery, 'status', 'owed', 'attempts', attempts, 'spent', attempts,
  'skipped', (skipped or 0) + 1)
redis.call('PERSIST', delivery)
redis.call('PEXPIRE', request, 7 * ARGV[2])
redis.call('ZADD', key.owed, now, id)
ring(now, 1)
return load_delivery(id)
