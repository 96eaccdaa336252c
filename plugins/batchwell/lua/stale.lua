-- Tell the parameters of results that are stale and that no request is about to replace, a piece at
-- a time, in the order in which they were computed. Reads only.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  the rank at which to begin
-- ARGV[2]  how many results to look at
-- ARGV[3]  version of the code that the reader runs
-- Returns  [the rank at which to go on (-1: no more), params…].
-- Uses     moments, values
local now, current, next = now_ms(), generation(), ARGV[1] + ARGV[2]
local digests = redis.call('ZRANGE', key.results, ARGV[1], next - 1)
local reply = { #digests < tonumber(ARGV[2]) and -1 or next }
for _, digest in ipairs(digests) do
  local about = load_about(digest)
  if about and not is_fresh(about, now, ARGV[3], current)
    and redis.call('HEXISTS', key.active, digest) == 0 then
    reply[#reply + 1] = about[PARAMS_OF]
  end
end
return reply
