-- Prepended to every script, after the lines that spell the keys (keys.py). Times are Unix
-- milliseconds of this server; clients never send one. The word "token" is a request's id
-- within its computation.

-- Second: the microseconds of the moment, as good a random number as any.
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000), tonumber(time[2])
end

-- Run a command of many arguments in calls that Lua's stack can hold.
local function in_chunks(command, name, arguments)
  for first = 1, #arguments, 1000 do
    redis.call(command, name, unpack(arguments, first, math.min(first + 999, #arguments)))
  end
end

-- Add durations to a histogram of the computation, with one HINCRBY for each bucket that is hit.
-- Durations that come together are alike, so that each is looked for beside the one before.
local function observe(name, durations_ms)
  if #durations_ms == 0 then return end
  local counts, sum_ms, i = {}, 0, 1
  for _, ms in ipairs(durations_ms) do
    while bounds_ms[i] and ms > bounds_ms[i] do i = i + 1 end
    while i > 1 and ms <= bounds_ms[i - 1] do i = i - 1 end
    counts[i], sum_ms = (counts[i] or 0) + 1, sum_ms + ms
  end
  for bucket, count in pairs(counts) do
    redis.call('HINCRBY', key.stats, name .. ':' .. (bounds_ms[bucket] or 'inf'), count)
  end
  redis.call('HINCRBY', key.stats, name .. ':sum_us', string.format('%.0f', sum_ms * 1000))
end

-- Forget what a sorted set holds from before a moment; at most a thousand a call, so that no call
-- holds the server up, and more than one call ever adds.
local function trim(name, before)
  local old = redis.call('ZRANGEBYSCORE', name, '-inf', before, 'LIMIT', 0, 1000)
  if #old > 0 then redis.call('ZREM', name, unpack(old)) end
end

local function live_workers(now)
  return redis.call('ZCOUNT', key.workers, now, '+inf')
end

-- The requests that this call changed, so far.
local changed = {}

-- Tell those who follow requests which ones changed: one message a call, whatever their number.
-- A hint only: who loses it looks a little later.
local function tell_changes()
  if #changed > 0 then
    redis.call('PUBLISH', changes_channel, computation .. ' ' .. table.concat(changed, ' '))
  end
end

-- Tell them that workers came or went, which changes what all that wait wait for.
local function tell_workers()
  redis.call('PUBLISH', changes_channel, computation)
end

-- Who attends to the queue: [live workers, running requests, item_ms, start_ms, when a worker was
-- last seen, when the trigger last watched, when it stopped, when it first woke Airflow after a
-- worker was last seen (ms, or "" where nothing is known), now].
local function attention(now)
  local known = redis.call('HMGET', key.meta,
    'item_ms', 'start_ms', 'seen_at', 'watched_at', 'unwatched_at', 'woken_at')
  for i = 1, 6 do known[i] = known[i] or '' end
  known[7] = now
  return { live_workers(now), redis.call('ZCARD', key.leases), unpack(known) }
end

-- Pending requests that a worker could claim at this moment.
local function claimable(now)
  return redis.call('ZCARD', key.queue) + redis.call('ZCOUNT', key.delayed, '-inf', now)
end

-- Tell of `count` new claimable requests. A hint only: losing it costs delay, not work.
-- Lingering workers are woken one by one; the trigger is rung only when nobody drains.
local function ring(now, count)
  local live = live_workers(now)
  if live == 0 then
    if redis.call('SET', key.rung, '1', 'NX', 'PX', 200) then
      redis.call('PUBLISH', channel, computation)
    end
    return
  end
  for _ = redis.call('LLEN', key.doorbell) + 1, math.min(count, live) do
    redis.call('LPUSH', key.doorbell, '1')
  end
end

-- In how many ms the next delivery is due (0 or less: now); '' when none is owed.
local function delivery_due(now)
  local due = redis.call('ZRANGE', key.owed, 0, 0, 'WITHSCORES')[2]
  return due and due - now or ''
end

local function generation()
  return redis.call('HGET', key.meta, 'generation') or '0'
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

-- Let another who asks share a request that has not ended. The most urgent of them decides its
-- place, the most patient when it expires; one that runs in an older generation is followed.
local function attach(token, urgency, deadline)
  local status, of = unpack(redis.call('HMGET', request_key(token), 'status', 'generation'))
  if status == 'running' and of ~= generation() then
    redis.call('HSET', request_key(token), 'again', '1')
  end
  redis.call('ZADD', key.queue, 'XX', 'LT', urgency, token)
  if deadline then
    redis.call('ZADD', key.deadlines, 'XX', 'GT', deadline, token)
  else
    redis.call('ZREM', key.deadlines, token)
  end
end

-- Keep how the submits of one key were answered: {digest, token or ''…}.
local function remember(once, payload, answers, retain_ms)
  redis.call('HSET', once, 'payload', payload)
  redis.call('PEXPIRE', once, retain_ms, 'NX')
  in_chunks('HSET', once, answers)
end

-- Have a URL told of a request's end; false when as many are told as may be.
local function add_webhook(token, url)
  local urls = cjson.decode(redis.call('HGET', request_key(token), 'webhooks') or '[]')
  for _, known in ipairs(urls) do
    if known == url then return true end
  end
  if #urls == 10 then return false end
  urls[#urls + 1] = url
  redis.call('HSET', request_key(token), 'webhooks', cjson.encode(urls))
  return true
end

-- Owe a message of a request's end to each URL that asked for one.
local function owe(token, status, webhooks, now)
  for i, url in ipairs(cjson.decode(webhooks)) do
    local id = token .. '-' .. i
    redis.call('HSET', delivery_key(id),
      'url', url, 'event', status, 'status', 'owed', 'owed_at', now, 'attempts', 0, 'spent', 0)
    redis.call('ZADD', key.owed, now, id)
    redis.call('ZADD', key.deliveries, now, id)
  end
end

-- A delivery as {id, when the next attempt is due or '', fields}.
local function load_delivery(id)
  return {
    id, redis.call('ZSCORE', key.owed, id) or '', redis.call('HGETALL', delivery_key(id)),
  }
end

-- Bring requests to their one end: `ends` is a list of {token, digest, status, again, webhooks},
-- the last two false where there are none. `again` is set to the parameters where somebody asked
-- for a newer generation than the one computed: a request for it follows. `webhooks` is the JSON
-- list of URLs that are to be told.
local function finish(ends, now, retain_ms)
  if #ends == 0 then return end
  local tokens, digests, failures, tally, follow = {}, {}, {}, {}, {}
  local told = false
  for i, item in ipairs(ends) do
    local token, digest, status, again, webhooks = unpack(item, 1, 5)
    if again then follow[#follow + 1] = { token, digest, again } end
    redis.call('HSET', request_key(token), 'status', status, 'finished_at', now)
    -- A dead letter is kept for longer, to be looked at and replayed; so is what has to be told.
    redis.call('PEXPIRE', request_key(token),
      (status == 'failed' or webhooks) and 7 * retain_ms or retain_ms)
    if webhooks then
      owe(token, status, webhooks, now)
      told = true
    end
    tokens[i], digests[i], tally[status] = token, digest, (tally[status] or 0) + 1
    changed[#changed + 1] = token
    if status == 'failed' then failures[#failures + 1], failures[#failures + 2] = now, token end
  end
  in_chunks('ZREM', key.leases, tokens)
  in_chunks('ZREM', key.deadlines, tokens)
  in_chunks('HDEL', key.active, digests)
  if #failures > 0 then
    in_chunks('ZADD', key.failures, failures)
    trim(key.failures, now - 7 * retain_ms)
    redis.call('PEXPIRE', key.failures, 7 * retain_ms)
  end
  for status, count in pairs(tally) do redis.call('HINCRBY', key.meta, status, count) end
  for _, item in ipairs(follow) do
    local token = string.sub(redis.sha1hex(item[1] .. now), 1, 16)
    create(token, item[2], item[3], now, 0)
  end
  if told then
    trim(key.deliveries, now - 7 * retain_ms)
    ring(now, 1)
  end
end

-- End pending requests whose deadline has passed; one that runs by now may finish.
local function expire_due(now, retain_ms)
  local ends = {}
  for _, token in ipairs(redis.call('ZRANGEBYSCORE', key.deadlines, '-inf', now, 'LIMIT', 0, 1000)) do
    redis.call('ZREM', key.deadlines, token)
    local status, digest, webhooks =
      unpack(redis.call('HMGET', request_key(token), 'status', 'digest', 'webhooks'))
    if status == 'pending' then
      redis.call('ZREM', key.queue, token)
      redis.call('ZREM', key.delayed, token)
      ends[#ends + 1] = { token, digest, 'expired', false, webhooks }
    end
  end
  finish(ends, now, retain_ms)
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

-- Tell of a failed recompute beside the last good value, if there is one.
local function tell_result(digest, now, type, message)
  local result = result_key(digest)
  if redis.call('EXISTS', result) == 1 then
    redis.call('HSET', result, 'failed_at', now, 'error_type', type,
      'error_message', string.sub(message, 1, 500))
  end
end

-- Bring a running request back to pending, in front of those that came after it.
local function requeue(token)
  redis.call('ZREM', key.leases, token)
  redis.call('HSET', request_key(token), 'status', 'pending')
  changed[#changed + 1] = token
  redis.call('ZADD', key.queue, redis.call('HGET', request_key(token), 'submitted_at'), token)
end
