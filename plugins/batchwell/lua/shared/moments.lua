-- Time and lists. Times are Unix milliseconds of this server; clients never send one.

-- Second: the microseconds of the moment, as good a random number as any.
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000), tonumber(time[2])
end

-- A whole number as text: what many commands are given is turned into text once.
local function whole(number)
  return string.format('%d', number)
end

-- Run a command of many arguments in calls that Lua's stack can hold.
local function in_chunks(command, name, arguments)
  for first = 1, #arguments, 1000 do
    redis.call(command, name, unpack(arguments, first, math.min(first + 999, #arguments)))
  end
end

-- Those of the fields that a hash has, with their values.
local function fields_of(name, fields)
  local found = {}
  for first = 1, #fields, 1000 do
    local last = math.min(first + 999, #fields)
    for i, value in ipairs(redis.call('HMGET', name, unpack(fields, first, last))) do
      if value then found[fields[first + i - 1]] = value end
    end
  end
  return found
end

-- Forget what a sorted set holds from before a moment; at most a thousand a call, so that no call
-- holds the server up, and more than one call ever adds.
local function trim(name, before)
  local old = redis.call('ZRANGEBYSCORE', name, '-inf', before, 'LIMIT', 0, 1000)
  if #old > 0 then redis.call('ZREM', name, unpack(old)) end
end
