-- Note that a collector has ended.
--
-- KEYS[1]  the root of the log of actions
-- ARGV[1]  collector
redis.call('ZREM', key.workers, ARGV[1])
redis.call('ZREMRANGEBYSCORE', key.workers, '-inf', redis.call('TIME')[1] * 1000)
