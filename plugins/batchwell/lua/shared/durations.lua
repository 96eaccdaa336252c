-- Histograms of durations; `bounds_ms`, where their buckets end, is put before this by scripts.py.

-- Add durations to a histogram of the computation, with one HINCRBY for each bucket that is hit.
-- Durations that come together are alike, so that each is looked for beside the one before.
local function observe(name, durations_ms)
  if #durations_ms == 0 then return end
  local counts, sum_ms, i = {}, 0, 1
  for _, ms in ipairs(durations_ms) do
    while bounds_ms[i] and ms > bounds_ms[i] do i = i + 1 end
    while i > 1 and ms <= bounds_ms[i - 1] do i = i - 1 end
    counts[i], sum_ms = (counts[i] or 0) + 1, sum_ms + ms
  end
  for bucket, count in pairs(counts) do
    redis.call('HINCRBY', key.stats, name .. ':' .. (bounds_ms[bucket] or 'inf'), count)
  end
  redis.call('HINCRBY', key.stats, name .. ':sum_us', string.format('%.0f', sum_ms * 1000))
end
