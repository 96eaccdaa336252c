-- Record how far running requests are. Atomic; ignored for an attempt that lost its lease.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {claims: [[token, attempt]…], fraction, message}
-- Returns  the tokens that are no longer this worker's: taken over, or cancelled.
-- Uses     requests
local call = cjson.decode(ARGV[1])
local lost = {}
for _, claim in ipairs(call.claims) do
  local token, attempt = unpack(claim)
  if owns(token, attempt) then
    redis.call('HSET', request_key(token),
      'progress_fraction', call.fraction, 'progress_message', call.message)
    changed[#changed + 1] = token
  else
    lost[#lost + 1] = token
  end
end
tell_changes()
return lost
