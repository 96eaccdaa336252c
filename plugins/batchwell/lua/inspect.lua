-- Read one request, and what its waiting depends on.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  token
-- ARGV[2]  version of the code that the reader runs
-- ARGV[3]  retain_ms
-- Returns  [] when unknown, else [request fields, [position (-1: not queued), due (ms, of a
--          retry, or ""), queued], attention, result fields, deliveries].
-- Uses     values, endings
local now = now_ms()
expire_due(now, ARGV[3])
tell_changes()
local record = redis.call('HGETALL', request_key(ARGV[1]))
if #record == 0 then return {} end
local has = {}
for i = 1, #record, 2 do has[record[i]] = record[i + 1] end
local deliveries = {}
if has.webhooks and has.finished_at then
  for i = 1, #cjson.decode(has.webhooks) do
    deliveries[i] = load_delivery(ARGV[1] .. '-' .. i)
  end
end
return {
  record,
  {
    redis.call('ZRANK', key.queue, ARGV[1]) or -1,
    redis.call('ZSCORE', key.delayed, ARGV[1]) or '',
    redis.call('ZCARD', key.queue),
  },
  attention(now),
  load_result(has.digest, now, ARGV[2]) or {},
  deliveries,
}
