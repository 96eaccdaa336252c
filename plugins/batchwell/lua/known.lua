-- List the parameters of known results, oldest first, a chunk at a time; forget those whose
-- value has expired.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  start: how many to pass over
-- ARGV[2]  count: how many to look at
-- ARGV[3]  version of the code that the reader runs
-- Returns  [next start (-1: no more), params of the stale ones…].
local start, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = now_ms()
local digests = redis.call('ZRANGE', key.results, start, start + count - 1)
local reply, kept = { -1 }, 0
for _, digest in ipairs(digests) do
  local result, fresh = load_result(digest, now, ARGV[3])
  if not result then
    redis.call('ZREM', key.results, digest)
  else
    kept = kept + 1
    if not fresh then reply[#reply + 1] = redis.call('HGET', result_key(digest), 'params') end
  end
end
if #digests == count then reply[1] = start + kept end
return reply
