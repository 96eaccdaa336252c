-- Keep values of claimed requests: each request succeeds and its result is replaced. Atomic;
-- an attempt that lost its lease changes nothing; repeating a lost reply is harmless.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {tokens: [token…], attempts: [attempt…], seconds: [text…], fresh_ms (-1: until
--          invalidated), keep_ms, retain_ms, version, generation, batch_size, dag_id, run_id,
--          item_ms}
-- ARGV[2…] the values, in the order of the tokens
-- Returns  how many were this attempt's to complete, now or when the call was first made.
-- Uses     values, durations, endings, noting
local call = cjson.decode(ARGV[1])
local now = now_ms()
-- Values that were computed together shall not all go stale together.
local function fresh_until(digest)
  if call.fresh_ms < 0 then return '' end
  if call.batch_size == 1 then return now + call.fresh_ms end
  local first, second = string.byte(digest, 1, 2) -- of 64 characters, all as likely
  local spread = (64 * (first % 64) + second % 64) / 4096
  return now + math.floor(call.fresh_ms * (1 - 0.1 * spread))
end
local kept, results, durations = 0, {}, {}
local noted_at, item_ms, latency_ms, slowest_ms, version = unpack(redis.call('HMGET', key.meta,
  'noted_at', 'item_ms', 'latency_ms', 'slowest_ms', 'version'))
local is_noted = note(now, noted_at)
latency_ms, slowest_ms = tonumber(latency_ms or 0), is_noted and 0 or tonumber(slowest_ms or 0)
local moment, keep_ms = whole(now), whole(call.keep_ms)
load_requests(call.tokens)
for i, token in ipairs(call.tokens) do
  local attempt, seconds = call.attempts[i], call.seconds[i]
  if owns(token, attempt) then
    local record = requests[token]
    local digest = record[DIGEST]
    local result = result_key(digest)
    local added = redis.call('HSET', result, 'value', ARGV[i + 1], 'about', cmsgpack.pack({
      now, fresh_until(digest), call.version, call.generation, record[PARAMS], token, attempt,
      seconds, call.batch_size, call.dag_id, call.run_id }))
    if added < 2 then -- there was a value before, perhaps with the error of a failed recompute
      redis.call('HDEL', result, 'error')
    end
    redis.call('PEXPIRE', result, keep_ms)
    results[#results + 1], results[#results + 2] = moment, digest
    durations[#durations + 1] = 1000 * seconds
    local took = now - record[SUBMITTED_AT]
    latency_ms = latency_ms + took
    if took > slowest_ms then slowest_ms = took end
    end_as(token, 'succeeded')
    kept = kept + 1
  else
    local record = record_of(token)
    if record and record[STATUS] == 'succeeded' and record[ATTEMPT] == attempt then
      kept = kept + 1
    end
  end
end
if #results > 0 then
  in_chunks('ZADD', key.results, results)
  trim(key.results, now - call.keep_ms) -- their values expired
  redis.call('PEXPIRE', key.results, math.max(call.keep_ms, redis.call('PTTL', key.results)))
  redis.call('SET', key.latest, results[#results])
  finish(now, call.retain_ms)
  observe('computing', durations)
  save_all()
  local before = tonumber(item_ms or call.item_ms)
  redis.call('HSET', key.meta, 'latency_ms', whole(latency_ms), 'slowest_ms', whole(slowest_ms),
    'item_ms', string.format('%.4f', before + 0.2 * (call.item_ms - before)))
  if version ~= call.version then
    redis.call('HSET', key.meta, 'version', call.version, 'version_at', version and moment or 0)
  end
end
return kept
