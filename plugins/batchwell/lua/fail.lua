-- Record errors of claimed requests: each waits for another attempt, or failed for good. The
-- last good value stays. Atomic; an attempt that lost its lease changes nothing.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {items: [[token, attempt, kind, type, message, retry, traceback]…], max_attempts,
--          backoff_ms, retain_ms}; kind is "user" (the author's code) or "system"
-- Returns  ["retrying" | "failed" | "not_owner"…] in the order of the items.
-- Uses     values, errors, endings, noting
local call = cjson.decode(ARGV[1])
local now = now_ms()
local tokens, replies, retries = {}, {}, 0
-- Who may not compute (deploy/store.acl) is refused here, before anything has changed.
redis.call('ZREMRANGEBYSCORE', key.workers, '-inf', now)
note(now, redis.call('HGET', key.meta, 'noted_at'))
for i, item in ipairs(call.items) do tokens[i] = item[1] end
load_requests(tokens)
for i, item in ipairs(call.items) do
  local token, attempt, kind, type, message, retry, traceback = unpack(item)
  if not owns(token, attempt) then
    replies[i] = 'not_owner'
  else
    local record = requests[token]
    local failures = (record[FAILURES] or 0) + 1
    record[FAILURES] = failures
    tell_error(token, now, attempt, kind, type, message, traceback)
    if retry and failures + (record[BLAMED] or 0) < call.max_attempts then
      redis.call('ZREM', key.leases, token)
      redis.call('ZADD', key.delayed, now + call.backoff_ms * 2 ^ (failures - 1), token)
      record[STATUS] = 'pending'
      change(token)
      replies[i], retries = 'retrying', retries + 1
    else
      tell_result(record[DIGEST], now, type, message)
      end_as(token, 'failed')
      replies[i] = 'failed'
    end
  end
end
finish(now, call.retain_ms)
if retries > 0 then redis.call('HINCRBY', key.stats, 'retries', retries) end
save_all()
return replies
