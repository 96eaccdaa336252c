-- List the parameters of known results, a chunk at a time; forget those whose value has expired.
-- Complete: what is known from the first call to the last is seen, also while results change.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  cursor: "0" to begin
-- ARGV[2]  count: about how many to look at
-- ARGV[3]  version of the code that the reader runs
-- Returns  [next cursor ("0": no more), params of the stale ones…].
local now = now_ms()
local cursor, found = unpack(redis.call('ZSCAN', key.results, ARGV[1], 'COUNT', ARGV[2]))
local reply = { cursor }
for i = 1, #found, 2 do
  local digest = found[i]
  local result, fresh = load_result(digest, now, ARGV[3])
  if not result then
    redis.call('ZREM', key.results, digest)
  elseif not fresh then
    reply[#reply + 1] = redis.call('HGET', result_key(digest), 'params')
  end
end
return reply
