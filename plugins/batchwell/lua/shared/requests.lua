-- The records of requests. The word "token" is a request's id within its computation.
-- Uses     changes

-- Fencing: is this attempt of the request the one that may write? Second: its record.
local function owns(token, attempt)
  local status, is, digest, params, again, webhooks = unpack(redis.call('HMGET',
    request_key(token), 'status', 'attempt', 'digest', 'params', 'again', 'webhooks'))
  local same = tonumber(is) == attempt
  return same and status == 'running', { same = same, status = status, digest = digest,
    params = params, again = again and params, webhooks = webhooks }
end

-- Record a new pending request; `trace` is what who asked calls it, if anything.
local function create(token, digest, params, now, offset, trace)
  redis.call('HSET', request_key(token),
    'status', 'pending', 'digest', digest, 'params', params, 'submitted_at', now,
    unpack(trace and trace ~= '' and { 'trace', trace } or {}))
  redis.call('HSET', key.active, digest, token)
  redis.call('ZADD', key.queue, now + offset, token)
end

-- Bring a running request back to pending, in front of those that came after it.
local function requeue(token)
  redis.call('ZREM', key.leases, token)
  redis.call('HSET', request_key(token), 'status', 'pending')
  changed[#changed + 1] = token
  redis.call('ZADD', key.queue, redis.call('HGET', request_key(token), 'submitted_at'), token)
end

-- Add an error to a request's story, and make it the request's error.
local function tell_error(token, now, attempt, kind, type, message)
  local record = request_key(token)
  local story = cjson.decode(redis.call('HGET', record, 'story') or '[]')
  if #story == 10 then table.remove(story, 1) end
  -- Cut before a character that the cut would split.
  local short = #message > 500 and string.sub(message, 1, 500):gsub('[\192-\255][\128-\191]*$', '')
  story[#story + 1] =
    { at = now, attempt = attempt, kind = kind, type = type, message = short or message }
  redis.call('HSET', record, 'error_kind', kind, 'error_type', type, 'error_message', message,
    'story', cjson.encode(story))
end
