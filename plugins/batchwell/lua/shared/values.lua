-- The last good values, and what of requests is known beside them.

local function generation()
  return redis.call('GET', key.generation) or '0'
end

-- The token, if a request of that name is recorded.
local function existing(token)
  return token and redis.call('EXISTS', request_key(token)) == 1 and token
end

-- The last good value as a flat list of fields, with its `state`, the time `now` and the
-- `active` request that will replace it; nil where there is none. Then: is it fresh, when was it
-- computed, and the fields by name.
local function load_result(digest, now, version)
  local fields = redis.call('HGETALL', result_key(digest))
  if #fields == 0 then return nil, false end
  local has = {}
  for i = 1, #fields, 2 do has[fields[i]] = fields[i + 1] end
  local fresh = has.version == version and has.generation == generation()
    and (has.fresh_until == '' or now < tonumber(has.fresh_until))
  has.active = existing(redis.call('HGET', key.active, digest)) or ''
  for _, extra in ipairs({
    'state', fresh and 'fresh' or 'stale', 'now', tostring(now), 'active', has.active,
  }) do fields[#fields + 1] = extra end
  return fields, fresh, tonumber(has.computed_at), has
end

-- Tell of a failed recompute beside the last good value, if there is one.
local function tell_result(digest, now, type, message)
  local result = result_key(digest)
  if redis.call('EXISTS', result) == 1 then
    redis.call('HSET', result, 'failed_at', now, 'error_type', type,
      'error_message', string.sub(message, 1, 500))
  end
end
