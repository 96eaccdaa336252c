-- Replay a request that ended without a value: a new one for the same parameters is created, or
-- the one under way attached to; the old one is no dead letter any more. Atomic; repeating it
-- creates nothing twice.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  token of the old request
-- ARGV[2]  token for the new one
-- ARGV[3]  trace: kept with the new one, unless ""
-- Returns  [outcome, token]: "created" | "attached" and the request's token; "unknown"; or the
--          status of a request that cannot be replayed.
-- Uses     moments, attending, values, requests
local old, now = ARGV[1], now_ms()
local status, digest, params = unpack(redis.call('HMGET', request_key(old), 'status', 'digest', 'params'))
if not status then return { 'unknown', '' } end
if status ~= 'failed' and status ~= 'cancelled' and status ~= 'expired' then
  return { status, '' }
end
redis.call('ZREM', key.failures, old)
local active = existing(redis.call('HGET', key.active, digest)) or existing(ARGV[2])
if active then return { 'attached', active } end
create(ARGV[2], digest, params, now, 0, ARGV[3])
redis.call('HSET', request_key(old), 'retried_by', ARGV[2])
ring(now, 1)
return { 'created', ARGV[2] }
