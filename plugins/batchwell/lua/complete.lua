-- Keep values of claimed requests: each request succeeds and its result is replaced. Atomic;
-- an attempt that lost its lease changes nothing; repeating a lost reply is harmless.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {items: [[token, attempt, value, seconds]…], fresh_ms (-1: until invalidated),
--          keep_ms, retain_ms, version, generation, batch_size, dag_id, run_id, item_ms}
-- Returns  ["ok" | "not_owner"…] in the order of the items.
-- Uses     durations, endings
local call = cjson.decode(ARGV[1])
local now = now_ms()
-- Values that were computed together shall not all go stale together.
local function fresh_until(digest)
  if call.fresh_ms < 0 then return '' end
  if call.batch_size == 1 then return now + call.fresh_ms end
  local spread = tonumber(string.sub(redis.sha1hex(digest), 1, 4), 16) / 65536
  return now + math.floor(call.fresh_ms * (1 - 0.1 * spread))
end
local replies, ends, results, durations = {}, {}, {}, {}
for i, item in ipairs(call.items) do
  local token, attempt, value, seconds = unpack(item)
  local mine, record = owns(token, attempt)
  if mine then
    local result = result_key(record.digest)
    local added = redis.call('HSET', result,
      'value', value, 'params', record.params, 'request', token, 'computed_at', now,
      'fresh_until', fresh_until(record.digest), 'version', call.version, 'generation', call.generation,
      'attempt', attempt, 'duration_seconds', seconds, 'batch_size', call.batch_size,
      'dag_id', call.dag_id, 'run_id', call.run_id)
    if added < 12 then -- there was a value before, perhaps with the error of a failed recompute
      redis.call('HDEL', result, 'failed_at', 'error_type', 'error_message')
    end
    redis.call('PEXPIRE', result, call.keep_ms)
    results[#results + 1], results[#results + 2] = now, record.digest
    durations[#durations + 1] = 1000 * seconds
    ends[#ends + 1] = { token, record.digest, 'succeeded', record.again, record.webhooks }
    replies[i] = 'ok'
  else
    replies[i] = record.same and record.status == 'succeeded' and 'ok' or 'not_owner'
  end
end
if #ends > 0 then
  in_chunks('ZADD', key.results, results)
  trim(key.results, now - call.keep_ms) -- their values expired
  redis.call('PEXPIRE', key.results, math.max(call.keep_ms, redis.call('PTTL', key.results)))
  redis.call('SET', key.latest, ends[#ends][2])
  finish(ends, now, call.retain_ms)
  observe('computing', durations)
  tell_changes()
  local before = tonumber(redis.call('HGET', key.meta, 'item_ms') or call.item_ms)
  redis.call('HSET', key.meta, 'item_ms',
    string.format('%.4f', before + 0.2 * (call.item_ms - before)))
end
return replies
