-- All that is told of one request.
-- Uses     requests, attending, owing

-- A record as a flat list of those fields that it has, and their values.
local function named(record)
  local fields =
    { 'status', record[STATUS], 'params', record[PARAMS], 'submitted_at', record[SUBMITTED_AT] }
  local function add(name, value)
    if value then fields[#fields + 1], fields[#fields + 2] = name, value end
  end
  if record[BATCH] then
    local started_at, _, _, dag_id, run_id = unpack(batch_of(record))
    add('attempt', record[ATTEMPT])
    add('started_at', started_at)
    add('dag_id', dag_id)
    add('run_id', run_id)
    add('progress_fraction', record[FRACTION])
    add('progress_message', record[MESSAGE])
  end
  if record[STORY] then
    add('error_kind', record[ERROR_KIND])
    add('error_type', record[ERROR_TYPE])
    add('error_message', record[ERROR_MESSAGE])
    add('error_traceback', record[TRACEBACK])
    add('story', cjson.encode(record[STORY]))
  end
  add('finished_at', record[FINISHED_AT])
  add('retried_by', record[RETRIED_BY])
  return fields
end

-- A request, and what its waiting depends on: [request fields, [position (-1: not queued), due (ms,
-- of a retry, or ""), queued], attention, deliveries]; [] when it is unknown.
local function describe(token, now)
  local record = record_of(token)
  if not record then return {} end
  local deliveries = {}
  if record[FINISHED_AT] then
    for i = 1, #(record[WEBHOOKS] or {}) do deliveries[i] = load_delivery(token .. '-' .. i) end
  end
  return {
    named(record),
    {
      redis.call('ZRANK', key.queue, token) or -1,
      redis.call('ZSCORE', key.delayed, token) or '',
      redis.call('ZCARD', key.queue),
    },
    attention(now),
    deliveries,
  }
end
