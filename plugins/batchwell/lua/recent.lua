-- Tell which results were computed last, and which were read last. Reads only.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  how many of each at most
-- ARGV[2]  version of the code that the reader runs
-- ARGV[3]  most_bytes: a longer value is left out
-- Returns  [now, computed, read], both lists of [params, state, computed_at, when it was read (ms; ""
--          where none is noted), length of the value, value or ""].
-- Uses     moments, values
local count, now, current = tonumber(ARGV[1]), now_ms(), generation()

local function glance(digest)
  local about = load_about(digest)
  if not about then return end
  local bytes = redis.call('HSTRLEN', result_key(digest), 'value')
  return {
    about[PARAMS_OF],
    is_fresh(about, now, ARGV[2], current) and 'fresh' or 'stale',
    about[COMPUTED_AT],
    redis.call('ZSCORE', key.hot, digest) or '',
    bytes,
    bytes <= tonumber(ARGV[3]) and value_of(digest) or '',
  }
end

-- Some of those listed may have expired since.
local function glances(name)
  local found = {}
  for _, digest in ipairs(redis.call('ZREVRANGE', name, 0, 2 * count)) do
    if #found < count then found[#found + 1] = glance(digest) end
  end
  return found
end

return { now, glances(key.results), glances(key.hot) }
