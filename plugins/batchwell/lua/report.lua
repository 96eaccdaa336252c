-- Record how far running requests are. Atomic; ignored for an attempt that lost its lease.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  JSON {tokens: [token…], attempts: [attempt…], fraction, message}
-- Returns  the tokens that are no longer this worker's: taken over, or cancelled.
-- Uses     requests
local call = cjson.decode(ARGV[1])
local lost = {}
load_requests(call.tokens)
for i, token in ipairs(call.tokens) do
  if owns(token, call.attempts[i]) then
    requests[token][FRACTION], requests[token][MESSAGE] = call.fraction, call.message
    change(token)
  else
    lost[#lost + 1] = token
  end
end
save_requests()
return lost
