-- Read the last good value, with its state.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  digest of the parameters; "" for the result that was computed last
-- ARGV[2]  version of the code that the reader runs
-- Returns  result fields; [] when there is no value.
local digest = ARGV[1]
if digest == '' then digest = redis.call('GET', key.latest) end
return digest and load_result(digest, now_ms(), ARGV[2]) or {}
