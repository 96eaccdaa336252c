-- The script of wrk: sends what the table `traffic` says (traffic.py writes it in front), checks
-- every answer, and prints a line of JSON. One thread only: the counter is its own.
local sent = 0
checked, wrong, example = 0, 0, '' -- global: `done` asks the thread for them
local headers = traffic.body ~= '' and { ['Content-Type'] = 'application/json' } or {}
local counts = string.find(traffic.path .. traffic.body, '{n}', 1, true)
local threads = {}

function setup(thread) threads[#threads + 1] = thread end

local function filled(text, n) return (string.gsub(text, '{n}', n)) end

local function formatted(n)
  local body = traffic.body ~= '' and filled(traffic.body, n) or nil
  return wrk.format(traffic.method, filled(traffic.path, n), headers, body)
end

local constant = nil

function request()
  if not counts then
    constant = constant or formatted(0)
    return constant
  end
  local n = traffic.cycle > 0 and sent % traffic.cycle or sent
  sent = sent + 1
  return formatted(string.format('%d', traffic.first + n))
end

local function is_right(status, body)
  if status ~= traffic.status then return false end
  if traffic.text ~= '' and not string.find(body, traffic.text, 1, true) then return false end
  if not traffic.successor then return true end
  local n, value = string.match(body, '"params":{"n":(%d+)},"value":(%d+)')
  return n ~= nil and tonumber(value) == tonumber(n) + 1
end

function response(status, _, body)
  checked = checked + 1
  if not is_right(status, body) then
    wrong, example = wrong + 1, status .. ' ' .. body
  end
end

if traffic.pause_milliseconds > 0 then
  function delay() return traffic.pause_milliseconds end
end

function done(summary, latency)
  local thread = threads[1]
  local unchecked = summary.requests - thread:get('checked')
  local lost = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.timeout
  local told = string.gsub(string.sub(thread:get('example'), 1, 300), '[%c"\\]', ' ')
  print('')
  print(string.format(
    '{"requests": %d, "seconds": %f, "p50_milliseconds": %f, "p99_milliseconds": %f, '
    .. '"wrong": %d, "example": "%s"}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, thread:get('wrong') + lost + unchecked, told))
end
