-- What another who asks brings to a request, and what is remembered of who asked.
-- Uses     moments, values, requests

-- Let another who asks share a request that has not ended. The most urgent of them decides its
-- place, the most patient when it expires; one that runs in an older generation is followed.
-- `renews`: its parameters have a result, which shall tell that it will be replaced.
local function attach(token, urgency, deadline, renews)
  local record = requests[token]
  if record[STATUS] == 'running' and batch_of(record)[3] ~= generation() then
    record[AGAIN], unsaved[token] = true, true
  end
  if renews and redis.call('SET', renewal_key(record[DIGEST]), token, 'NX') then
    record[RENEWS], unsaved[token] = true, true
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
  local record = requests[token]
  local urls = record[WEBHOOKS] or {}
  for _, known in ipairs(urls) do
    if known == url then return true end
  end
  if #urls == 10 then return false end
  urls[#urls + 1] = url
  record[WEBHOOKS], unsaved[token] = urls, true
  return true
end
