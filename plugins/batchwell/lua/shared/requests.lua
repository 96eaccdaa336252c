-- The records of requests. The word "token" is a request's id within its computation.
--
-- Those of requests that have not ended are fields of one hash, so that a batch of them is read by
-- one command and written by one; a request that has ended has a key of its own, which the server
-- forgets in time. Each is a packed table, of those of these fields that it has:
-- Uses     changes, moments
local STATUS, DIGEST, PARAMS, SUBMITTED_AT, ATTEMPT, BATCH, FINISHED_AT = 1, 2, 3, 4, 5, 6, 7
-- AGAIN: whether somebody asked for a newer generation than the one that is computed; RENEWS:
-- whether a known result tells of this request.
local TRACE, WEBHOOKS, AGAIN, RENEWS, FAILURES, LOSSES, BLAMED = 8, 9, 10, 11, 12, 13, 14
local FRACTION, MESSAGE, ERROR_KIND, ERROR_TYPE, ERROR_MESSAGE, STORY = 15, 16, 17, 18, 19, 20
local RETRIED_BY, TRACEBACK = 21, 22

-- Token → record of what this call has loaded or created, and which of them are to be kept.
local requests, unsaved = {}, {}

-- Load those of the requests that have not ended.
local function load_requests(tokens)
  for token, packed in pairs(fields_of(key.requests, tokens)) do
    requests[token] = cmsgpack.unpack(packed)
  end
end

-- The record of a request, if any: loaded, or that of one that has ended.
local function record_of(token)
  local packed = not requests[token] and redis.call('GET', ended_key(token))
  return packed and cmsgpack.unpack(packed) or requests[token]
end

-- Is a request known: loaded, or one that has ended?
local function exists(token)
  return requests[token] ~= nil or redis.call('EXISTS', ended_key(token)) == 1
end

-- Have a loaded record kept as it is when the call ends, and those told who follow the request.
local function change(token)
  unsaved[token] = true
  changed[#changed + 1] = token
end

-- Keep all that this call changed; tell those who follow.
local function save_requests()
  local fields = {}
  for token in pairs(unsaved) do
    fields[#fields + 1], fields[#fields + 2] = token, cmsgpack.pack(requests[token])
  end
  in_chunks('HSET', key.requests, fields)
  tell_changes()
end

-- Fencing: is this attempt of the request the one that may write?
local function owns(token, attempt)
  local record = requests[token]
  return record and record[STATUS] == 'running' and record[ATTEMPT] == attempt
end

-- Who computes or computed it: {started_at, worker, generation, dag_id, run_id}.
local function batch_of(record)
  return record[BATCH] and cmsgpack.unpack(record[BATCH]) or {}
end
