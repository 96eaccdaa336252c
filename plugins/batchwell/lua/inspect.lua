-- Read one request, and what its waiting depends on.
--
-- KEYS[1]  the computation's root
-- ARGV[1]  token
-- ARGV[2]  version of the code that the reader runs
-- ARGV[3]  retain_ms
-- Returns  [what `describe` returns (shared/describing.lua), result fields].
-- Uses     values, endings, describing
local token, now = ARGV[1], now_ms()
expire_due(now, ARGV[3])
save_all()
load_requests({ token })
local record = record_of(token)
return { describe(token, now), record and load_result(record[DIGEST], now, ARGV[2]) or {} }
