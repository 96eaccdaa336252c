-- All that is told of one request.
-- Uses     requests, attending, owing

-- What the fields of a record are called.
local NAMES = {
  [STATUS] = 'status', [PARAMS] = 'params', [SUBMITTED_AT] = 'submitted_at', [ATTEMPT] = 'attempt',
  [FINISHED_AT] = 'finished_at', [TRACE] = 'trace', [FRACTION] = 'progress_fraction',
  [MESSAGE] = 'progress_message', [ERROR_KIND] = 'error_kind', [ERROR_TYPE] = 'error_type',
  [ERROR_MESSAGE] = 'error_message', [RETRIED_BY] = 'retried_by',
}

-- A record as a flat list of fields and values.
local function named(record)
  local fields = {}
  local function add(name, value)
    if value then fields[#fields + 1], fields[#fields + 2] = name, value end
  end
  for i, name in pairs(NAMES) do add(name, record[i]) end
  local started_at, _, _, dag_id, run_id = unpack(batch_of(record), 1, 5)
  add('started_at', started_at)
  add('dag_id', dag_id)
  add('run_id', run_id)
  add('story', record[STORY] and cjson.encode(record[STORY]))
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
