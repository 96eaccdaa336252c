-- What happened to a computation, by the minute for three hours and by the hour for a week: two rings
-- of cells in one hash, m0…m179 and h0…h167, each begun anew when its time comes round again. Beside
-- them `last`, the counters when it was noted last, and `recent`, for a glance: results by the minute.
-- Uses     moments

-- A cell lists, packed: the number of its minute or hour; how many were submitted, succeeded, failed;
-- batches, and the requests in them; ms from submit to value, and ms of computing, of all together;
-- and the most: that waited at once, in one batch, ms from submit to value.
local function ring_of(kind)
  if kind == 'm' then return 60000, 180 end
  return 3600000, 168
end

-- The first seven as they have added up since ever, and the other three since the last note.
local function standing()
  local known = redis.call('HMGET', key.meta, 'succeeded', 'failed', 'batches', 'claimed',
    'latency_ms', 'deepest', 'largest', 'slowest_ms', 'cancelled', 'expired')
  for i = 1, 10 do known[i] = tonumber(known[i] or 0) end
  local succeeded, failed, batches, claimed, latency, deepest, largest, slowest = unpack(known)
  local computing = math.floor((redis.call('HGET', key.stats, 'computing:sum_us') or 0) / 1000)
  local waiting = redis.call('ZCARD', key.queue) + redis.call('ZCARD', key.delayed)
  local ended = succeeded + failed + known[9] + known[10]
  local submitted = ended + waiting + redis.call('ZCARD', key.leases)
  return { submitted, succeeded, failed, batches, claimed, latency, computing,
    deepest, largest, slowest }, waiting, ended
end

-- Add what happened to the cells of a moment.
local function add_to(cells, at, happened)
  for _, kind in ipairs({ 'm', 'h' }) do
    local length, size = ring_of(kind)
    local number = math.floor(at / length)
    local name = kind .. number % size
    local packed = not cells[name] and redis.call('HGET', key.history, name)
    local cell = packed and cmsgpack.unpack(packed) or cells[name]
    if not cell or cell[1] ~= number then cell = { number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } end
    for i = 1, 7 do cell[i + 1] = cell[i + 1] + happened[i] end
    for i = 8, 10 do cell[i + 1] = math.max(cell[i + 1], happened[i]) end
    cells[name] = cell
  end
end

-- The cells that have changed since the last note, by name, and what to note in `last`. Each call that
-- counts notes first in a new minute, and a worker that leaves does: so what was counted since came
-- right behind the last note. Submits did not, where there was none for minutes.
local function unnoted(now)
  local stands, waiting, ended = standing()
  local packed, cells, happened = redis.call('HGET', key.history, 'last'), {}, {}
  local last = packed and cmsgpack.unpack(packed) or { now, ended, unpack(stands, 2, 7) }
  for i = 1, 7 do happened[i] = math.max(0, stands[i] - last[i + 1]) end
  for i = 8, 10 do happened[i] = stands[i] end
  local late = 0
  if now - last[1] > 120000 then late, happened[1] = happened[1], 0 end
  add_to(cells, last[1], happened)
  add_to(cells, now, { late, 0, 0, 0, 0, 0, 0, waiting, 0, 0 })
  return cells, { now, unpack(stands, 1, 7) }, last[1], happened[2]
end

-- The results of each of the 60 minutes that end with one: its number, then the counts.
local function rolled(recent, minute)
  local counts, gap = { minute }, math.max(0, minute - (recent[1] or minute))
  for i = 2, 61 do counts[i] = recent[i + gap] or 0 end
  return counts
end

-- The same as it is with so many more in the minute of a moment.
local function recent_with(at, more)
  local packed = redis.call('HGET', key.history, 'recent')
  local recent = rolled(packed and cmsgpack.unpack(packed) or {}, math.floor(at / 60000))
  recent[61] = recent[61] + more
  return recent
end

-- Note what happened since the last note, made at `noted_at`, unless this is the same minute; tell
-- whether it was. To be called before anything is counted.
local function note(now, noted_at)
  if noted_at and math.floor(noted_at / 60000) == math.floor(now / 60000) then return false end
  local cells, last, before, more = unnoted(now)
  local fields =
    { 'last', cmsgpack.pack(last), 'recent', cmsgpack.pack(recent_with(before, more)) }
  for name, cell in pairs(cells) do
    fields[#fields + 1], fields[#fields + 2] = name, cmsgpack.pack(cell)
  end
  redis.call('HSET', key.history, unpack(fields))
  redis.call('PEXPIRE', key.history, 169 * 3600000)
  redis.call('HSET', key.meta, 'noted_at', now, 'deepest', 0, 'largest', 0, 'slowest_ms', 0)
  return true
end
