-- Messages that are owed to URLs.

-- Owe a message of a request's end to each URL that asked for one.
local function owe(token, status, webhooks, now)
  for i, url in ipairs(webhooks) do
    local id = token .. '-' .. i
    redis.call('HSET', delivery_key(id),
      'url', url, 'event', status, 'status', 'owed', 'owed_at', now, 'attempts', 0, 'spent', 0)
    redis.call('ZADD', key.owed, now, id)
    redis.call('ZADD', key.deliveries, now, id)
  end
end

-- A delivery as {id, when the next attempt is due or '', fields}.
local function load_delivery(id)
  return {
    id, redis.call('ZSCORE', key.owed, id) or '', redis.call('HGETALL', delivery_key(id)),
  }
end

-- In how many ms the next delivery is due (0 or less: now); '' when none is owed.
local function delivery_due(now)
  local due = redis.call('ZRANGE', key.owed, 0, 0, 'WITHSCORES')[2]
  return due and due - now or ''
end
