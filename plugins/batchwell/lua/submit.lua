-- Decide submits: a fresh result is returned, same parameters are attached to, a full queue
-- refuses, else a request is created and the bell rung. Atomic; repeating it with the same
-- tokens creates nothing twice.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {items: [[token, digest, params]…], offset_ms, max_age_ms, expires_ms, version,
--          max_pending, retain_ms, touch}. offset_ms orders the queue (a smaller one is more
--          urgent; waiting wins in the end); max_age_ms < 0: any fresh result will do; expires_ms
--          < 0: it may wait for ever; touch: a fresh result becomes latest.
-- Returns  [[outcome, token, result fields]…], outcome "fresh" | "attached" | "created" | "full";
--          the result of the last three is the previous value, if one is known.
local call = cjson.decode(ARGV[1])
local now = now_ms()
expire_due(now, call.retain_ms)
local room = call.max_pending - redis.call('ZCARD', key.queue) - redis.call('ZCARD', key.delayed)
local created, replies = 0, {}

-- Of all who wait for one request, the most patient decides when it expires.
local function set_deadline(token, attached)
  if call.expires_ms < 0 then
    if attached then redis.call('ZREM', key.deadlines, token) end
  elseif attached then
    redis.call('ZADD', key.deadlines, 'XX', 'GT', now + call.expires_ms, token)
  else
    redis.call('ZADD', key.deadlines, now + call.expires_ms, token)
  end
end

for i, item in ipairs(call.items) do
  local token, digest, params = unpack(item)
  local result, fresh, computed_at = load_result(digest, now, call.version)
  local active = redis.call('HGET', key.active, digest)
  if fresh and (call.max_age_ms < 0 or now - computed_at < call.max_age_ms) then
    if call.touch then redis.call('SET', key.latest, digest) end
    replies[i] = { 'fresh', active or '', result }
  else
    local request = existing(active) or existing(token)
    if request then
      local status, of = unpack(redis.call('HMGET', request_key(request), 'status', 'generation'))
      if status == 'running' and of ~= generation() then
        redis.call('HSET', request_key(request), 'again', '1')
      end
      redis.call('ZADD', key.queue, 'XX', 'LT', now + call.offset_ms, request)
      set_deadline(request, true)
      replies[i] = { 'attached', request, result or {} }
    elseif room <= 0 then
      replies[i] = { 'full', '', result or {} }
    else
      create(token, digest, params, now, call.offset_ms)
      set_deadline(token, false)
      created, room = created + 1, room - 1
      replies[i] = { 'created', token, result or {} }
    end
  end
end
if created > 0 then ring(now, created) end
return replies
