-- List the parameters of known results, a chunk at a time; forget those whose value has expired.
-- Complete: what is known from the first call to the last is seen, also while results change.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  cursor: "0" to begin
-- ARGV[2]  count: about how many to look at
-- ARGV[3]  version of the code that the reader runs
-- ARGV[4]  which: "stale"; "due": stale, or hot and stale within ahead_ms; "hot": those of the
--          due that are hot; "all"
-- ARGV[5]  JSON {hot_ms, ahead_ms}
-- Returns  [next cursor ("0": no more), params…].
-- Uses     moments, values
local now, which, times = now_ms(), ARGV[4], cjson.decode(ARGV[5])
local set = which == 'hot' and key.hot or key.results
if ARGV[1] == '0' then trim(key.hot, now - times.hot_ms) end
local cursor, found = unpack(redis.call('ZSCAN', set, ARGV[1], 'COUNT', ARGV[2]))
local reply, gone, current = { cursor }, {}, generation()

local function is_hot(digest)
  local seen = redis.call('ZSCORE', key.hot, digest)
  return seen and now - seen <= times.hot_ms
end

local function is_wanted(digest, fresh, about)
  if which == 'all' or which == 'stale' then return which == 'all' or not fresh end
  if not is_hot(digest) then return which == 'due' and not fresh end
  return not fresh or (about[FRESH_UNTIL] ~= '' and about[FRESH_UNTIL] - now < times.ahead_ms)
end

for i = 1, #found, 2 do
  local digest = found[i]
  local about = load_about(digest)
  if not about then
    gone[#gone + 1] = digest
  elseif is_wanted(digest, is_fresh(about, now, ARGV[3], current), about) then
    reply[#reply + 1] = about[PARAMS_OF]
  end
end
in_chunks('ZREM', key.results, gone)
in_chunks('ZREM', key.hot, gone)
return reply
