-- Who attends to the queue, and the bells that wake them.

local function live_workers(now)
  return redis.call('ZCOUNT', key.workers, now, '+inf')
end

-- Who attends to the queue: [live workers, running requests, item_ms, start_ms, when a worker was
-- last seen, when the trigger last watched, when it stopped, when it first woke Airflow after a
-- worker was last seen (ms, or "" where nothing is known), now].
local function attention(now)
  local known = redis.call('HMGET', key.meta,
    'item_ms', 'start_ms', 'seen_at', 'watched_at', 'unwatched_at', 'woken_at')
  for i = 1, 6 do known[i] = known[i] or '' end
  known[7] = now
  return { live_workers(now), redis.call('ZCARD', key.leases), unpack(known) }
end

-- Pending requests that a worker could claim at this moment.
local function claimable(now)
  return redis.call('ZCARD', key.queue) + redis.call('ZCOUNT', key.delayed, '-inf', now)
end

-- Tell of `count` new claimable requests. A hint only: losing it costs delay, not work.
-- Lingering workers are woken one by one; the trigger is rung only when nobody drains.
local function ring(now, count)
  local live = live_workers(now)
  if live == 0 then
    if redis.call('SET', key.rung, '1', 'NX', 'PX', 200) then
      redis.call('PUBLISH', channel, computation)
    end
    return
  end
  for _ = redis.call('LLEN', key.doorbell) + 1, math.min(count, live) do
    redis.call('LPUSH', key.doorbell, '1')
  end
end
