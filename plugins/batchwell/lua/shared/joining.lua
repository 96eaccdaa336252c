-- What another who asks brings to a request, and what is remembered of who asked.
-- Uses     moments, values

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
