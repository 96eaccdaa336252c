-- Tell what happened to a computation lately. Reads only.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  "m": by the minute, or "h": by the hour
-- Returns  [now, cell…]: a cell is what shared/noting.lua lists in it; those of times in which nothing
--          was noted are missing; in no order.
-- Uses     noting
local now, kind = now_ms(), ARGV[1]
local length, size = ring_of(kind)
local newest, reply, names = math.floor(now / length), { now }, {}
local unwritten = unnoted(now)
for i = 1, size do names[i] = kind .. i - 1 end
local written = fields_of(key.history, names)
for _, name in ipairs(names) do
  local cell = unwritten[name] or written[name] and cmsgpack.unpack(written[name])
  if cell and newest - cell[1] < size then reply[#reply + 1] = cell end
end
return reply
