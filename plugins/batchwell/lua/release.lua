-- Give claims back unused: they are pending again at once, and no attempt is held against them.
-- Atomic; an attempt that lost its lease changes nothing.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {claims: [[token, attempt]…]}
-- Returns  the number of requests given back.
-- Uses     moments, attending, requests
local released = 0
for _, claim in ipairs(cjson.decode(ARGV[1]).claims) do
  local token, attempt = unpack(claim)
  if owns(token, attempt) then
    requeue(token)
    released = released + 1
  end
end
if released > 0 then ring(now_ms(), released) end
tell_changes()
return released
