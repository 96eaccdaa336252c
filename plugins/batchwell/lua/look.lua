-- Look at many requests at once, for those who follow them: as much as tells whether one has
-- changed. Ends what waited past its deadline.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON [token…]
-- ARGV[2]  retain_ms
-- Returns  [[status ("": unknown), attempt, progress fraction, progress message, position (-1: not
--          queued), live workers]…] in the order of the tokens; "" for what is not known.
-- Uses     endings
local now, tokens, seen = now_ms(), cjson.decode(ARGV[1]), {}
expire_due(now, ARGV[2])
save_all()
local workers = live_workers(now)
load_requests(tokens)
for i, token in ipairs(tokens) do
  local record = record_of(token) or {}
  local position = record[STATUS] == 'pending' and redis.call('ZRANK', key.queue, token) or -1
  seen[i] = { record[STATUS] or '', record[ATTEMPT] or '', record[FRACTION] or '',
    record[MESSAGE] or '', position, workers }
end
return seen
