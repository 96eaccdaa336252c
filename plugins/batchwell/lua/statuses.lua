-- Tell the status of many requests at once.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON [token…]
-- Returns  [status, or "" when unknown…] in the order of the tokens.
-- Uses     requests
local tokens, statuses = cjson.decode(ARGV[1]), {}
load_requests(tokens)
for i, token in ipairs(tokens) do
  local record = record_of(token)
  statuses[i] = record and record[STATUS] or ''
end
return statuses
