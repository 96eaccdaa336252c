-- Record errors of claimed requests: each waits for another attempt, or failed for good. The
-- last good value stays. Atomic; an attempt that lost its lease changes nothing.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {items: [[token, attempt, kind, type, message, retry]…], max_attempts,
--          backoff_ms, retain_ms}; kind is "user" (the author's code) or "system"
-- Returns  ["retrying" | "failed" | "not_owner"…] in the order of the items.
-- Uses     values, endings
local call = cjson.decode(ARGV[1])
local now = now_ms()
local replies, ends, retries = {}, {}, 0
for i, item in ipairs(call.items) do
  local token, attempt, kind, type, message, retry = unpack(item)
  local mine, owned = owns(token, attempt)
  if not mine then
    replies[i] = 'not_owner'
  else
    local record = request_key(token)
    local failures = redis.call('HINCRBY', record, 'failures', 1)
    tell_error(token, now, attempt, kind, type, message)
    local blamed = tonumber(redis.call('HGET', record, 'blamed') or 0)
    if retry and failures + blamed < call.max_attempts then
      redis.call('ZREM', key.leases, token)
      redis.call('HSET', record, 'status', 'pending')
      redis.call('ZADD', key.delayed, now + call.backoff_ms * 2 ^ (failures - 1), token)
      changed[#changed + 1] = token
      replies[i], retries = 'retrying', retries + 1
    else
      tell_result(owned.digest, now, type, message)
      ends[#ends + 1] = { token, owned.digest, 'failed', owned.again, owned.webhooks }
      replies[i] = 'failed'
    end
  end
end
finish(ends, now, call.retain_ms)
if retries > 0 then redis.call('HINCRBY', key.stats, 'retries', retries) end
tell_changes()
return replies
