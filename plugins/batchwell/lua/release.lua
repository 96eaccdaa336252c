-- Give claims back unused: they are pending again at once, and no attempt is held against them.
-- Atomic; an attempt that lost its lease changes nothing.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {tokens: [token…], attempts: [attempt…]}
-- Returns  the number of requests given back.
-- Uses     attending, creating
local call, released = cjson.decode(ARGV[1]), 0
load_requests(call.tokens)
for i, token in ipairs(call.tokens) do
  if owns(token, call.attempts[i]) then
    requeue(token)
    released = released + 1
  end
end
if released > 0 then ring(now_ms(), released) end
save_all()
return released
