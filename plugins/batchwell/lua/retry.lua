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
-- Uses     attending, creating
local old, new, now = ARGV[1], ARGV[2], now_ms()
load_requests({ old })
local record = record_of(old)
if not record then return { 'unknown', '' } end
local status, digest = record[STATUS], record[DIGEST]
if status ~= 'failed' and status ~= 'cancelled' and status ~= 'expired' then
  return { status, '' }
end
redis.call('ZREM', key.failures, old)
local active = redis.call('HGET', key.active, digest)
if active and redis.call('HEXISTS', key.requests, active) == 1 then return { 'attached', active } end
if redis.call('EXISTS', ended_key(new)) == 1 then return { 'attached', new } end
local is_known = redis.call('EXISTS', result_key(digest)) == 1
create(new, digest, record[PARAMS], now, 0, ARGV[3], is_known)
record[RETRIED_BY] = new
redis.call('SET', ended_key(old), cmsgpack.pack(record), 'KEEPTTL')
ring(now, 1)
save_all()
return { 'created', new }
