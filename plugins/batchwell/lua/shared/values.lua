-- The last good values. A result is a hash of `value`, JSON; `about`, a packed list of all else
-- that is known of it; `error`, the packed error of a recompute that failed since.

-- What `about` lists, in this order: computed_at, fresh_until ('': until invalidated), version,
-- generation, params, request, attempt, duration_seconds, batch_size, dag_id, run_id.
local COMPUTED_AT, FRESH_UNTIL, VERSION, GENERATION, PARAMS_OF, SECONDS = 1, 2, 3, 4, 5, 8

local function generation()
  return redis.call('GET', key.generation) or '0'
end

-- Is a result fresh for those who run a version of the code? `current` is the generation.
local function is_fresh(about, now, version, current)
  return about[VERSION] == version and about[GENERATION] == current
    and (about[FRESH_UNTIL] == '' or now < about[FRESH_UNTIL])
end

-- What is known of a result, and of the error of a recompute that failed since; nil: there is none.
local function load_about(digest)
  local about, failed = unpack(redis.call('HMGET', result_key(digest), 'about', 'error'))
  if about then return cmsgpack.unpack(about), failed end
end

local function value_of(digest)
  return redis.call('HGET', result_key(digest), 'value')
end

-- A result as scripts return it: [value, state, now, the request that will replace it or "", "1" if
-- who reads it should ask for a recompute or "", what `about` lists, when a recompute failed since
-- and the type and message of its error, if one did].
local function result_fields(value, about, failed, fresh, now, renewal, early)
  local fields =
    { value, fresh and 'fresh' or 'stale', now, renewal, early and '1' or '', unpack(about) }
  if failed then
    for _, part in ipairs(cmsgpack.unpack(failed)) do fields[#fields + 1] = part end
  end
  return fields
end

-- The token of the request that will replace a result; '' where there is none.
local function renewal_of(digest)
  local token = redis.call('GET', renewal_key(digest))
  return token and redis.call('HEXISTS', key.requests, token) == 1 and token or ''
end

-- A result as scripts return it; [] where there is none.
local function load_result(digest, now, version)
  local about, failed = load_about(digest)
  if not about then return {} end
  local fresh, value = is_fresh(about, now, version, generation()), value_of(digest)
  return result_fields(value, about, failed, fresh, now, renewal_of(digest))
end

-- Tell of a failed recompute beside the last good value, if there is one.
local function tell_result(digest, now, type, message)
  local result = result_key(digest)
  if redis.call('EXISTS', result) == 1 then
    redis.call('HSET', result, 'error', cmsgpack.pack({ now, type, string.sub(message, 1, 500) }))
  end
end
