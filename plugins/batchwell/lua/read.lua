-- Read the last good value, with its state; note that it is read, and tell a few readers to have
-- it recomputed before it goes stale.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  digest of the parameters; "" for the result that was computed last
-- ARGV[2]  version of the code that the reader runs
-- ARGV[3]  hot_ms: how long a read keeps a value hot; 0: reads are not noted
-- Returns  result fields (shared/values.lua); [] when there is no value.
-- Uses     moments, values
local digest, hot_ms = ARGV[1], tonumber(ARGV[3])
local now, microseconds = now_ms()
if digest == '' then digest = redis.call('GET', key.latest) end
if not digest then return {} end
local value, packed, failed =
  unpack(redis.call('HMGET', result_key(digest), 'value', 'about', 'error'))
if not packed then return {} end
local about, renewal, early = cmsgpack.unpack(packed), renewal_of(digest), false
local fresh = is_fresh(about, now, ARGV[2], generation())
if hot_ms > 0 then
  -- An eighth of the time is exact enough, and makes a write of few reads.
  local seen = redis.call('ZSCORE', key.hot, digest)
  if not seen or now - seen > hot_ms / 8 then
    redis.call('ZADD', key.hot, now, digest)
    redis.call('PEXPIRE', key.hot, 2 * hot_ms)
  end
  -- XFetch (Vattani, Chierichetti, Lowenstein 2015): the nearer the end of its freshness and the
  -- dearer the value, the likelier.
  local chance = (microseconds % 1000 + 1) / 1000
  local lead_ms = -1000 * about[SECONDS] * math.log(chance)
  local until_ms = about[FRESH_UNTIL]
  early = fresh and renewal == '' and until_ms ~= '' and now + lead_ms >= until_ms
end
return result_fields(value, about, failed, fresh, now, renewal, early)
