-- Decide submits: a fresh result is returned, same parameters are attached to, a full queue
-- refuses, else a request is created and the bell rung. Atomic; repeating it with the same
-- tokens, or with the same `once`, creates nothing twice.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {items: [[token, digest, params]…], offset_ms, max_age_ms, expires_ms, version,
--          max_pending, retain_ms, touch, describe, most_bytes, once, trace, webhook}. offset_ms
--          orders the queue (less is more urgent; waiting wins in the end); max_age_ms < 0: any
--          fresh result will do; expires_ms < 0: it may wait for ever; touch: a fresh result becomes
--          latest; describe: tell all of the requests too; most_bytes: once the values have more,
--          leave out results; once: {key, payload}, to be answered as before, for retain_ms; trace:
--          kept with what is created; webhook: a URL.
-- Returns  [[outcome, token or "", result fields, what `describe` returns if it shall]…],
--          outcome "fresh" | "attached" | "created" | "full" | "crowded" (no more URLs can be told);
--          the result of all but the first is the previous value, if any. "reused": the key of
--          `once` came with another payload; nothing was done.
-- Uses     joining, endings, describing
local call = cjson.decode(ARGV[1])
local once = call.once and once_key(call.once.key)
local payload = once and redis.call('HGET', once, 'payload')
if payload and payload ~= call.once.payload then return 'reused' end
local now, current = now_ms(), generation()
expire_due(now, call.retain_ms)
local room = call.max_pending - redis.call('ZCARD', key.queue) - redis.call('ZCARD', key.delayed)
local deadline = call.expires_ms >= 0 and now + call.expires_ms
local created, replies, answers, deadlines, left = 0, {}, {}, {}, call.most_bytes or math.huge
local digests, under_way = {}, {}
for i, item in ipairs(call.items) do digests[i] = item[2] end
local active = fields_of(key.active, digests)
local before = once and fields_of(once, digests) or {} -- tokens; '' where a result answered
for _, token in pairs(active) do under_way[#under_way + 1] = token end
load_requests(under_way)

local function decide(token, digest, params, is_known, fresh)
  local request, answered = requests[active[digest]] and active[digest], before[digest]
  if answered and answered ~= '' and exists(answered) then return 'attached', answered end
  if fresh or (answered == '' and is_known) then
    if call.touch and answered ~= '' then redis.call('SET', key.latest, digest) end
    return 'fresh', request or ''
  end
  if request then
    if call.webhook and not add_webhook(request, call.webhook) then return 'crowded', request end
    attach(request, now + call.offset_ms, deadline, is_known)
    return 'attached', request
  end
  if exists(token) then return 'attached', token end -- the call is repeated
  if room <= 0 then return 'full', '' end
  create(token, digest, params, now, call.offset_ms, call.trace, is_known)
  if deadline then deadlines[#deadlines + 1], deadlines[#deadlines + 2] = deadline, token end
  if call.webhook then add_webhook(token, call.webhook) end
  created, room, active[digest] = created + 1, room - 1, token
  return 'created', token
end

local function result_of(digest, about, failed, fresh, request)
  if call.most_bytes then
    left = left - redis.call('HSTRLEN', result_key(digest), 'value')
    if left < 0 then return {} end
  end
  return result_fields(value_of(digest), about, failed, fresh, now, request)
end

for i, item in ipairs(call.items) do
  local token, digest, params = unpack(item)
  local about, failed = load_about(digest)
  local fresh = about and is_fresh(about, now, call.version, current)
  local young = fresh and (call.max_age_ms < 0 or now - about[COMPUTED_AT] < call.max_age_ms)
  local outcome, request = decide(token, digest, params, about, young)
  replies[i] = { outcome, request, about and result_of(digest, about, failed, fresh, request) or {} }
  if once and outcome ~= 'full' and outcome ~= 'crowded' then
    answers[#answers + 1], answers[#answers + 2] = digest, outcome == 'fresh' and '' or request
  end
end
in_chunks('ZADD', key.deadlines, deadlines)
save_all()
if created > 0 then ring(now, created) end
if #answers > 0 then remember(once, call.once.payload, answers, call.retain_ms) end
for _, reply in ipairs(call.describe and replies or {}) do
  reply[4] = reply[2] ~= '' and describe(reply[2], now) or {}
end
return replies
