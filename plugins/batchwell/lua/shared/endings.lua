-- The one end of each request.
-- Uses     moments, attending, creating, owing

-- Tokens of the requests that this call ends.
local ended = {}

-- Bring a loaded request to its end, once `finish` is called.
local function end_as(token, status)
  requests[token][STATUS] = status
  ended[#ended + 1] = token
end

-- Keep the records of those that end, for as long as each may be looked at. Where somebody asked
-- for a newer generation than the one that was computed, a request for it follows.
local function finish(now, retain_ms)
  if #ended == 0 then return end
  local short_ms, long_ms = whole(retain_ms), whole(7 * retain_ms)
  local digests, renewals, failures, tally, follow, told = {}, {}, {}, {}, {}, false
  for i, token in ipairs(ended) do
    local record = requests[token]
    local status, digest, webhooks = record[STATUS], record[DIGEST], record[WEBHOOKS]
    record[FINISHED_AT] = now
    -- A dead letter is kept for longer, to be looked at and replayed; so is what has to be told.
    redis.call('SET', ended_key(token), cmsgpack.pack(record),
      'PX', (status == 'failed' or webhooks) and long_ms or short_ms)
    unsaved[token], digests[i], tally[status] = nil, digest, (tally[status] or 0) + 1
    changed[#changed + 1] = '.' .. token
    if record[RENEWS] then renewals[#renewals + 1] = renewal_key(digest) end
    if record[AGAIN] and (status == 'succeeded' or status == 'failed') then
      follow[#follow + 1] = { token, record }
    end
    if status == 'failed' then failures[#failures + 1], failures[#failures + 2] = now, token end
    if webhooks then
      owe(token, status, webhooks, now)
      told = true
    end
  end
  in_chunks('HDEL', key.requests, ended)
  in_chunks('ZREM', key.leases, ended)
  in_chunks('ZREM', key.deadlines, ended)
  in_chunks('HDEL', key.active, digests)
  for _, renewal in ipairs(renewals) do redis.call('DEL', renewal) end
  if #failures > 0 then
    in_chunks('ZADD', key.failures, failures)
    trim(key.failures, now - 7 * retain_ms)
    redis.call('PEXPIRE', key.failures, 7 * retain_ms)
  end
  for status, count in pairs(tally) do redis.call('HINCRBY', key.meta, status, count) end
  for _, item in ipairs(follow) do
    local token, record = string.sub(redis.sha1hex(item[1] .. now), 1, 16), item[2]
    local is_known = redis.call('EXISTS', result_key(record[DIGEST])) == 1
    create(token, record[DIGEST], record[PARAMS], now, 0, '', is_known)
  end
  if told then
    trim(key.deliveries, now - 7 * retain_ms)
    ring(now, 1)
  end
  ended = {}
end

-- End pending requests whose deadline has passed; one that runs by now may finish.
local function expire_due(now, retain_ms)
  local due = redis.call('ZRANGEBYSCORE', key.deadlines, '-inf', now, 'LIMIT', 0, 1000)
  if #due == 0 then return end
  load_requests(due)
  for _, token in ipairs(due) do
    if requests[token] and requests[token][STATUS] == 'pending' then end_as(token, 'expired') end
  end
  in_chunks('ZREM', key.deadlines, due)
  in_chunks('ZREM', key.queue, ended)
  in_chunks('ZREM', key.delayed, ended)
  finish(now, retain_ms)
end
