-- The one end of each request.
-- Uses     moments, attending, requests, owing

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
