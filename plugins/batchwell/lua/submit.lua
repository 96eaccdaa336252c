-- Decide submits: a fresh result is returned, same parameters are attached to, a full queue
-- refuses, else a request is created and the bell rung. Atomic; repeating it with the same
-- tokens, or with the same `once`, creates nothing twice.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {items: [[token, digest, params]…], offset_ms, max_age_ms, expires_ms, version,
--          max_pending, retain_ms, touch, most_bytes, once, trace, webhook}. offset_ms orders the
--          queue (less is more urgent; waiting wins in the end); max_age_ms < 0: any fresh result
--          will do; expires_ms < 0: it may wait for ever; touch: a fresh result becomes latest;
--          most_bytes: once the values have more, leave out results; once: {key, payload}, to be
--          answered as before, for retain_ms; trace: kept with what is created; webhook: a URL.
-- Returns  [[outcome, token, result fields]…], outcome "fresh" | "attached" | "created" | "full" |
--          "crowded" (no more URLs can be told); the result of all but the first is the previous
--          value, if any. "reused": the key of `once` came with another payload; nothing was done.
-- Uses     joining, endings
local call = cjson.decode(ARGV[1])
local once = call.once and once_key(call.once.key)
local payload = once and redis.call('HGET', once, 'payload')
if payload and payload ~= call.once.payload then return 'reused' end
local now = now_ms()
expire_due(now, call.retain_ms)
tell_changes()
local room = call.max_pending - redis.call('ZCARD', key.queue) - redis.call('ZCARD', key.delayed)
local deadline = call.expires_ms >= 0 and now + call.expires_ms
local created, replies, answers, left = 0, {}, {}, call.most_bytes or math.huge

local function decide(token, digest, params, result, fresh)
  local active = redis.call('HGET', key.active, digest)
  local before = once and redis.call('HGET', once, digest) -- a token; '' where a result answered
  if existing(before) then return 'attached', before end
  if before == '' and result then return 'fresh', active or '' end
  if fresh then
    if call.touch then redis.call('SET', key.latest, digest) end
    return 'fresh', active or ''
  end
  local request = existing(active) or existing(token)
  if request then
    if call.webhook and not add_webhook(request, call.webhook) then return 'crowded', request end
    attach(request, now + call.offset_ms, deadline)
    return 'attached', request
  end
  if room <= 0 then return 'full', '' end
  create(token, digest, params, now, call.offset_ms, call.trace)
  if deadline then redis.call('ZADD', key.deadlines, deadline, token) end
  if call.webhook then add_webhook(token, call.webhook) end
  created, room = created + 1, room - 1
  return 'created', token
end

for i, item in ipairs(call.items) do
  local token, digest, params = unpack(item)
  local result, fresh, computed_at, has = load_result(digest, now, call.version)
  fresh = fresh and (call.max_age_ms < 0 or now - computed_at < call.max_age_ms)
  local outcome, request = decide(token, digest, params, result, fresh)
  left = left - (result and #has.value or 0)
  replies[i] = { outcome, request, left >= 0 and result or {} }
  if once and outcome ~= 'full' and outcome ~= 'crowded' then
    answers[#answers + 1], answers[#answers + 2] = digest, outcome == 'fresh' and '' or request
  end
end
if created > 0 then ring(now, created) end
if #answers > 0 then remember(once, call.once.payload, answers, call.retain_ms) end
return replies
