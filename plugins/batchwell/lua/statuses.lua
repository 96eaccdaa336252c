-- Tell the status of many requests at once.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON [token…]
-- Returns  [status, or "" when unknown…] in the order of the tokens.
local statuses = {}
for i, token in ipairs(cjson.decode(ARGV[1])) do
  statuses[i] = redis.call('HGET', request_key(token), 'status') or ''
end
return statuses
