-- Look at many requests at once, for those who follow them: as much as tells whether one has
-- changed. Ends what waited past its deadline.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON [token…]
-- ARGV[2]  retain_ms
-- Returns  [[status ("": unknown), attempt, progress fraction, progress message, position (-1: not
--          queued), live workers]…] in the order of the tokens; "" for what is not known.
-- Uses     endings
local now, seen = now_ms(), {}
expire_due(now, ARGV[2])
tell_changes()
local workers = live_workers(now)
for i, token in ipairs(cjson.decode(ARGV[1])) do
  local status, attempt, fraction, message = unpack(redis.call('HMGET', request_key(token),
    'status', 'attempt', 'progress_fraction', 'progress_message'))
  local position = status == 'pending' and redis.call('ZRANK', key.queue, token) or -1
  seen[i] = { status or '', attempt or '', fraction or '', message or '', position, workers }
end
return seen
